/** The stack cannot start; the message is all that a person needs to see. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

/** What to show of an error: the message of a known one, with advice where the disk is full. */
export function explain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|No space left on device|could not extend file/.test(text)) {
    return `The disk is full. Free some space and start again; no data is lost.\n${text}`;
  }
  return text;
}
