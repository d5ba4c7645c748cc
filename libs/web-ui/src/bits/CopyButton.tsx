import { ActionIcon, CopyButton as CopyState, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '../icons.js';

interface CopyButtonProps {
  /** What the clipboard gets. */
  readonly value: string;
  /** What it is, for the name of the button: "request id", "link". */
  readonly what: string;
}

/** A small button that copies a text and says that it did. */
export function CopyButton({ value, what }: CopyButtonProps) {
  return (
    <CopyState value={value} timeout={2_000}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${what}`}>
          <ActionIcon variant="subtle" color="gray" size={24} onClick={copy} aria-label={`Copy ${what}`}>
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            <span role="status" className="unseen">
              {copied ? `Copied the ${what}` : ''}
            </span>
          </ActionIcon>
        </Tooltip>
      )}
    </CopyState>
  );
}
