import { Modal } from '@mantine/core';
import { ConfirmBody } from './ConfirmBody.js';
import { type ConfirmDialogProps } from './confirm-props.js';

/**
 * Asks before an act that stops work (tier 1), changes data (tier 2) or can destroy (tier 3). The focus starts on
 * the safe button and returns to where it was; Escape cancels. Each opening makes one idempotency key, so that a
 * double click or a second try after a lost answer is one act.
 */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      size="lg"
      centered
      closeButtonProps={{ 'aria-label': 'Close the dialog' }}
    >
      <ConfirmBody {...props} />
    </Modal>
  );
}
