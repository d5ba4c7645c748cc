export interface BackoffOptions {
  /** Upper bound of the first delay. */
  readonly baseMs: number;
  /** Upper bound of every delay. */
  readonly maxMs: number;
  /** A number from 0 up to 1; only tests replace it. */
  readonly random?: () => number;
}

/** Growing pauses with full jitter, so that clients which failed together do not come back together. */
export class Backoff {
  private count = 0;

  constructor(private readonly options: BackoffOptions) {}

  /** Failures since the last {@link reset}. */
  get failures(): number {
    return this.count;
  }

  /** The pause before the next try; counts one failure. */
  nextMs(): number {
    this.count++;
    return Backoff.delayMs(this.count, this.options);
  }

  /** Call it on progress. */
  reset(): void {
    this.count = 0;
  }

  /** A random pause below `baseMs * 2^(failures - 1)` and `maxMs`, for the failure of that number, counted from 1. */
  static delayMs(failures: number, { baseMs, maxMs, random = Math.random }: BackoffOptions): number {
    const bound = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
    return Math.round(bound * random());
  }
}

export function backoff(options: BackoffOptions): Backoff {
  return new Backoff(options);
}
