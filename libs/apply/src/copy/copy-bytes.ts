/** COPY text of whole rows: each ends with a newline, and inside a row a newline is always escaped. */
export type CopyBytes = Buffer;

const NEWLINE = 0x0a;

/** The rows as byte strings without their newlines. */
export function linesOf(bytes: CopyBytes): string[] {
  const lines = bytes.toString('latin1').split('\n');
  lines.pop(); // what follows the last newline: nothing
  return lines;
}

export function countLines(bytes: CopyBytes): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** Undefined when there is no row. */
export function firstLine(bytes: CopyBytes): string | undefined {
  return bytes.length === 0 ? undefined : bytes.toString('latin1', 0, bytes.indexOf(NEWLINE));
}

/** Undefined when there is no row. */
export function lastLine(bytes: CopyBytes): string | undefined {
  if (bytes.length === 0) return undefined;
  const before = bytes.length === 1 ? -1 : bytes.lastIndexOf(NEWLINE, bytes.length - 2);
  return bytes.toString('latin1', before + 1, bytes.length - 1);
}

/** The same rows in parts of about this many bytes; none when there is no row. No byte is copied. */
export function partsOf(bytes: CopyBytes, partBytes: number): CopyBytes[] {
  const parts: CopyBytes[] = [];
  let from = 0;
  while (bytes.length - from > partBytes) {
    const to = bytes.indexOf(NEWLINE, from + partBytes - 1) + 1;
    parts.push(bytes.subarray(from, to));
    from = to;
  }
  if (from < bytes.length) parts.push(bytes.subarray(from));
  return parts;
}

/** The rows that `keep` wants. */
export function filterLines(bytes: CopyBytes, keep: (line: string) => boolean): CopyBytes {
  const kept = linesOf(bytes).filter(keep);
  return Buffer.from(kept.map((line) => `${line}\n`).join(''), 'latin1');
}
