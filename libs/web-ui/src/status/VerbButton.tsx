import { type MouseEvent, type ReactNode, useId } from 'react';
import { type Permission } from '@astro/contracts';
import { Button, type ButtonProps, Tooltip, VisuallyHidden } from '@mantine/core';

interface VerbButtonProps extends Pick<ButtonProps, 'variant' | 'color' | 'size' | 'leftSection' | 'loading'> {
  /** As the server says it in `allowed`; `{ ok: false, reason }` keeps the button visible and says why. */
  readonly allowed: Permission;
  readonly onClick: (event: MouseEvent<HTMLButtonElement>) => void;
  /** Verb first, and the object when it is not plain from the place: "Pause", "Cancel the run". */
  readonly children: ReactNode;
}

/** A button for an act that may be refused: then it can still be reached, does nothing, and says the reason. */
export function VerbButton({ allowed, onClick, children, ...button }: VerbButtonProps) {
  const reasonId = useId();
  if (allowed.ok) {
    return (
      <Button variant="default" {...button} onClick={onClick}>
        {children}
      </Button>
    );
  }
  const reason = allowed.reason ?? 'This is not possible now.';
  return (
    <Tooltip label={reason} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <span className="verb-refused">
        <Button variant="default" {...button} aria-disabled data-disabled aria-describedby={reasonId}>
          {children}
        </Button>
        <VisuallyHidden id={reasonId}>{reason}</VisuallyHidden>
      </span>
    </Tooltip>
  );
}
