const TICK_MS = 10;
const MS_PER_S = 1000;
/** After an outage at most this much is caught up on: the rate stays a rate. */
const MAX_CREDIT_S = 1;

/** Gives out permits at an even rate. */
export class Pacer {
  private readonly waiting: (() => void)[] = [];
  private readonly timer: NodeJS.Timeout;
  private credit = 0;
  private lastAtMs = performance.now();

  constructor(private readonly perSecond: number) {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Resolves when `count` more may happen, or when the pacer has stopped. */
  async take(count: number): Promise<void> {
    this.credit -= count;
    if (this.credit < 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  stop(): void {
    clearInterval(this.timer);
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private tick(): void {
    const now = performance.now();
    const gained = ((now - this.lastAtMs) / MS_PER_S) * this.perSecond;
    this.lastAtMs = now;
    this.credit = Math.min(this.credit + gained, this.perSecond * MAX_CREDIT_S);
    if (this.credit >= 0) for (const resolve of this.waiting.splice(0)) resolve();
  }
}
