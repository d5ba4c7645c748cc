/** How long a replication stream may be silent, in milliseconds. */
export interface SilenceLimits {
  /** Then the source is asked for a sign of life: one that has nothing to send says nothing by itself. */
  readonly askMs: number;
  /** Then the link counts as lost. */
  readonly lostMs: number;
}

/** What the operating system takes up to half an hour to find: a link on which nothing comes any more. */
export const SILENCE_LIMITS: SilenceLimits = { askMs: 30_000, lostMs: 90_000 };

/** Tells from the number of bytes received whether a stream is still alive. Pure: the caller brings the clock. */
export class SilenceWatch {
  private bytes = -1;

  constructor(
    private readonly limits: SilenceLimits,
    private heardAtMs: number,
  ) {}

  /** @param now `isPaused`: nothing is read at the moment, so silence says nothing */
  look(now: { readonly bytes: number; readonly isPaused: boolean; readonly atMs: number }): 'well' | 'ask' | 'lost' {
    if (now.isPaused || now.bytes !== this.bytes) this.heardAtMs = now.atMs;
    this.bytes = now.bytes;
    const silentMs = now.atMs - this.heardAtMs;
    if (silentMs >= this.limits.lostMs) return 'lost';
    return silentMs >= this.limits.askMs ? 'ask' : 'well';
  }
}
