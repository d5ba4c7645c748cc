const GROUPED = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const THIN_SPACE = '\u202f';
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Grouped in threes by a thin space: "12 400". A dash for no number. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return GROUPED.format(value).replaceAll(',', THIN_SPACE);
}

/** "1 row", "12 400 rows". */
export function formatRows(value: number): string {
  return `${formatCount(value)} ${value === 1 ? 'row' : 'rows'}`;
}

/** "940 B", "1.2 MB"; decimal units. A dash for no number. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return '–';
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit] ?? 'B'}`;
}

/** "37 %", and "0.4 %" below one; never 100 unless it is. */
export function formatPercent(percent: number): string {
  if (percent > 0 && percent < 1) return `${Math.max(0.1, Math.floor(percent * 10) / 10)} %`;
  return `${Math.floor(percent)} %`;
}
