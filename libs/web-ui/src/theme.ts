import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type VariantColorsResolver,
} from '@mantine/core';

/** The variant `light` with a contrast of at least 4.5 : 1 in both colour schemes; the defaults have less. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const defaults = defaultVariantColorsResolver(input);
  if (input.variant !== 'light') return defaults;
  const shade = (index: number): string => `var(--mantine-color-${input.color ?? input.theme.primaryColor}-${index})`;
  const darkBackground = `color-mix(in srgb, ${shade(9)} 55%, var(--mantine-color-dark-8))`;
  const background = `light-dark(${shade(1)}, ${darkBackground})`;
  return {
    ...defaults,
    background,
    hover: background,
    color: `light-dark(color-mix(in srgb, ${shade(9)} 70%, black), ${shade(1)})`,
    border: 'none',
  };
};

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 9, dark: 9 },
  respectReducedMotion: true,
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  variantColorResolver,
});

/** Quiet text and the focus ring need more contrast than the defaults have. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--focus-ring': 'var(--mantine-color-indigo-9)',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--focus-ring': 'var(--mantine-color-indigo-4)',
  },
});
