/** What the drawings of all charts share. */
export const AXIS = { stroke: 'var(--mantine-color-dimmed)', fontSize: 12, tickLine: false } as const;
export const TOOLTIP_STYLE = {
  background: 'var(--mantine-color-body)',
  border: '1px solid var(--mantine-color-default-border)',
  color: 'var(--mantine-color-text)',
} as const;
