/** What a spreadsheet takes for the start of a formula, or for a cell's end before one. */
const FORMULA = /^[=+\-@\t\r\n\0＝＋－＠]/u;
/** Where a spreadsheet may split a cell when it takes another sign for the separator. */
const FORMULA_INSIDE = /([,;|\t\r\n]\s*)(?=[=+\-@＝＋－＠])/gu;

/**
 * One cell, quoted by RFC 4180, in which no spreadsheet finds a formula: what could begin one gets a `'` before it,
 * also behind a separator inside the cell.
 */
export function csvCell(value: string): string {
  const safe = value.replace(FORMULA_INSIDE, "$1'").replaceAll('\0', '');
  const cell = FORMULA.test(value) ? `'${safe}` : safe;
  return `"${cell.replaceAll('"', '""')}"`;
}

/** One line, with its end. */
export function csvLine(values: readonly (string | null)[]): string {
  return `${values.map((value) => csvCell(value ?? '')).join(',')}\r\n`;
}
