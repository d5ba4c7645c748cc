/** An embedded server could not be had, started or stopped; the message says what, where and how to fix it. */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';
}
