import { useState } from 'react';
import { UnstyledButton } from '@mantine/core';

const SHOWN_CHARS = 200;

interface ValueTextProps {
  /** A value out of a database; anything but text is shown as JSON. */
  readonly value: unknown;
  /** Characters before it is cut; 200 unless told. */
  readonly maxChars?: number;
}

/** A value out of a database: always text, never markup, its direction kept apart, cut with "show all" when long. */
export function ValueText({ value, maxChars = SHOWN_CHARS }: ValueTextProps) {
  const [isWhole, setIsWhole] = useState(false);
  if (value === null || value === undefined) return <em className="no-value">null</em>;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const isLong = text.length > maxChars;
  return (
    <span className="value">
      <bdi>{isLong && !isWhole ? `${text.slice(0, maxChars)}…` : text}</bdi>
      {isLong && ' '}
      {isLong && (
        <UnstyledButton className="value-more" onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? 'show less' : `show all ${text.length} characters`}
        </UnstyledButton>
      )}
    </span>
  );
}
