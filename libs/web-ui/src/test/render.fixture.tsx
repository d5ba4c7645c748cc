import { type ReactNode } from 'react';
import { MantineProvider } from '@mantine/core';
import { render } from '@testing-library/react';
import { cssVariables, theme } from '../theme.js';
import { TimeSettingsProvider } from '../time/time-settings.js';

/** Renders with the theme, in UTC, without transitions. */
export function renderUi(node: ReactNode) {
  return render(wrapped(node));
}

/** For `rerender`. */
export function wrapped(node: ReactNode) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} env="test">
      <TimeSettingsProvider value={{ display: 'relative', zone: 'Europe/Madrid', hours: 24 }}>
        {node}
      </TimeSettingsProvider>
    </MantineProvider>
  );
}
