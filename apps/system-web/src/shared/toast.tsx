import { type ReactNode } from 'react';
import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { TextLink } from '@astro/web-ui';

const UNDO_MS = 8_000;

interface DoneToast {
  /** What was done: "Run 12 is paused". */
  readonly title: string;
  readonly text?: ReactNode;
  /** Where to look at it; a path of this app. */
  readonly link?: { readonly href: string; readonly label: string };
}

/** Says the result of the person's own last click, and nothing else. */
export function toastDone({ title, text, link }: DoneToast): void {
  const message = (
    <>
      {text} {link && <TextLink href={link.href}>{link.label}</TextLink>}
    </>
  );
  notifications.show({ title, message, color: 'green', closeButtonProps: { 'aria-label': 'Close the message' } });
}

/** Tier 0: what can be taken back in one click is done at once, with 8 s to undo it. */
export function toastUndo({ title, onUndo }: { readonly title: string; readonly onUndo: () => void }): void {
  const id = notifications.show({
    title,
    message: (
      <Group>
        <Button variant="default" size="compact-sm" onClick={() => undo()}>
          Undo
        </Button>
      </Group>
    ),
    autoClose: UNDO_MS,
    closeButtonProps: { 'aria-label': 'Close the message' },
  });
  const undo = (): void => {
    notifications.hide(id);
    onUndo();
  };
}

/** The person's own act failed and no dialog or field is there to say it. */
export function toastFailed(title: string, detail: string): void {
  notifications.show({
    title,
    message: detail,
    color: 'red',
    autoClose: false,
    closeButtonProps: { 'aria-label': 'Close the message' },
  });
}
