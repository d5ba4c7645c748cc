import { type Preferences } from '@astro/contracts';
import { SegmentedControl } from '@mantine/core';
import { useChangePreferences, usePreferences } from '../../features/session/preferences.js';

const SCHEMES: { value: Preferences['theme']; label: string }[] = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'Auto' },
];

/** `Auto` follows the system. The choice is the person's, in every browser. */
export function ThemeSwitch() {
  const { theme } = usePreferences();
  const change = useChangePreferences();
  return (
    <SegmentedControl
      aria-label="Colour scheme"
      size="xs"
      data={SCHEMES}
      value={theme}
      onChange={(next) => change({ theme: next })}
    />
  );
}
