/** Something took longer than it was given. Nothing is stopped by it; only the waiting ends. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'DEADLINE_EXCEEDED';
  constructor(
    readonly what: string,
    readonly deadlineMs: number,
  ) {
    super(`${what} did not finish within ${deadlineMs} ms`);
  }
}

/**
 * The result of `promise`, if it comes in time. A rejection that comes later is swallowed.
 * @throws {DeadlineError} after `ms`
 */
export async function withDeadline<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(what, ms)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
