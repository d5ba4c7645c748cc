import { Alert, Button, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { CopyButton } from '@astro/web-ui';

/** Something secret that the server tells this one time. */
export interface Secret {
  /** "The API key billing is made". */
  readonly title: string;
  /** What it is, for the button that copies it: "password", "API key". */
  readonly what: string;
  readonly value: string;
  /** What to do with it. */
  readonly advice: string;
}

interface SecretDialogProps {
  /** Closed without one. */
  readonly secret: Secret | null;
  readonly onClose: () => void;
}

/** Shows a secret once; it is forgotten when the dialog closes. */
export function SecretDialog({ secret, onClose }: SecretDialogProps) {
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={secret?.title}
      size="lg"
      centered
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close the dialog' }}
    >
      {secret && (
        <Stack>
          <Alert color="yellow" variant="light" title={`This ${secret.what} is shown only now`}>
            {secret.advice}
          </Alert>
          <Group gap="xs" wrap="nowrap">
            <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
              {secret.value}
            </Code>
            <CopyButton value={secret.value} what={secret.what} />
          </Group>
          <Text size="sm">Nobody can read it again, administrators neither; a new one can be made.</Text>
          <Group justify="flex-end">
            <Button onClick={onClose}>I have kept it</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
