import { Button, Modal, Text } from '@mantine/core';
import { useSession, useSessionState } from './session-context.js';
import { SignInForm } from './SignInForm.js';

/**
 * The session ended while the page was used. The page and what was typed stay under the dialog; after signing in again
 * what was asked for goes on.
 */
export function SessionEndedDialog() {
  const session = useSession();
  const state = useSessionState();
  if (state.phase !== 'ended') return null;
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Your session has ended"
      centered
    >
      <Text size="sm" mb="md">
        Sign in again to go on. This page and what you have typed are kept.
      </Text>
      <SignInForm email={state.me.email}>
        <Button variant="subtle" onClick={() => void session.signOut()}>
          Leave and sign in as someone else
        </Button>
      </SignInForm>
    </Modal>
  );
}
