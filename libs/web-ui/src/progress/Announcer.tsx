import { useState } from 'react';
import { VisuallyHidden } from '@mantine/core';

const STEP = 10;

interface AnnouncerProps {
  readonly phase: string;
  readonly status: string;
  readonly percent: number | null;
  readonly words: string;
}

/** Says `words` to screen readers when the phase or the status changes and at every 10 %, not at every tick. */
export function Announcer({ phase, status, percent, words }: AnnouncerProps) {
  const milestone = `${status} ${phase} ${percent === null ? '' : Math.floor(percent / STEP)}`;
  const [said, setSaid] = useState({ milestone, words: '' });
  if (said.milestone !== milestone) setSaid({ milestone, words });
  return <VisuallyHidden role="status">{said.words}</VisuallyHidden>;
}
