/** An embedded server could not be had, started or stopped; the message says what, where and how to fix it. */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';
}

/** True for an error of the operating system with this code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
