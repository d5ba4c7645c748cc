import { useState } from 'react';
import { type Preferences } from '@astro/contracts';
import { Input, NativeSelect, SegmentedControl, Switch } from '@mantine/core';
import { useChangePreferences, usePreferences } from '../../features/session/preferences.js';
import { Block } from './Block.js';

const THEMES: { value: Preferences['theme']; label: string }[] = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'Auto' },
];
const CLOCKS: { value: Preferences['clock']; label: string }[] = [
  { value: '24h', label: '24 h' },
  { value: '12h', label: '12 h' },
];
const DENSITIES: { value: Preferences['density']; label: string }[] = [
  { value: 'normal', label: 'Normal' },
  { value: 'compact', label: 'Compact' },
];

/** Every choice is kept at once, on the server, so that other browsers show the same. */
export function PreferencesForm() {
  const { theme, zone, clock, density, shortcuts } = usePreferences();
  const change = useChangePreferences();
  const [zones] = useState(() => zonesWith(zone));
  return (
    <Block title="Preferences">
      <NativeSelect
        label="Time zone"
        data={zones}
        value={zone}
        onChange={(event) => change({ zone: event.currentTarget.value })}
      />
      <Choice label="Clock" data={CLOCKS} value={clock} onChange={(next) => change({ clock: next })} />
      <Choice label="Colours" data={THEMES} value={theme} onChange={(next) => change({ theme: next })} />
      <Choice label="Rows of tables" data={DENSITIES} value={density} onChange={(next) => change({ density: next })} />
      <Switch
        label="Single-key shortcuts"
        description="Such as ? for the help and g r for the runs. Ctrl K works always."
        checked={shortcuts}
        onChange={(event) => change({ shortcuts: event.currentTarget.checked })}
      />
    </Block>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly data: { value: T; label: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

function Choice<T extends string>({ label, data, value, onChange }: ChoiceProps<T>) {
  return (
    <Input.Wrapper label={label} labelElement="div">
      <div>
        <SegmentedControl aria-label={label} data={data} value={value} onChange={onChange} />
      </div>
    </Input.Wrapper>
  );
}

/** A kept zone that this browser does not know stays in the list. */
function zonesWith(chosen: string) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const names = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);
  if (chosen !== 'browser') names.add(chosen);
  return [{ value: 'browser', label: `That of this browser (${own})` }, ...[...names].sort()];
}
