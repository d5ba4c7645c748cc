import { SegmentedControl } from '@mantine/core';
import { type TimeSettings } from '@astro/web-ui';
import { setTimeDisplay, useTimeDisplay } from '../../shared/time-display.js';

const DISPLAYS: { value: TimeSettings['display']; label: string }[] = [
  { value: 'zone', label: 'My zone' },
  { value: 'utc', label: 'UTC' },
  { value: 'relative', label: 'Relative' },
];

/** How times are shown everywhere. */
export function TimeSwitch() {
  return (
    <SegmentedControl aria-label="Times" size="xs" data={DISPLAYS} value={useTimeDisplay()} onChange={setTimeDisplay} />
  );
}
