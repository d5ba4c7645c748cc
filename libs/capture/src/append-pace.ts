/** As long as no more transactions come while an append is stored, nobody is served by waiting for company. */
const UNHURRIED_TRANSACTIONS = 2;
/** For each transaction above that the next append begins so much later. */
const WAIT_PER_TRANSACTION_MS = 2;
const MAX_WAIT_MS = 10;
/** More than this many make no difference. */
const MOST_TRANSACTIONS = UNHURRIED_TRANSACTIONS + MAX_WAIT_MS / WAIT_PER_TRANSACTION_MS;
/** The weight of the last append in what is expected of the next. */
const NEWEST_WEIGHT = 0.2;

/**
 * When the next append of little should begin. A source whose transactions come one after the other has each of them
 * stored at once: that is the shortest latency, and the work lies where nobody waits for it. One with many writers needs
 * its cores itself, so the more transactions come while one append is stored, the longer the next one gathers: what
 * reads a source in bursts takes a third less of it (docs/benchmarks.md).
 */
export class AppendPace {
  private beganAtMs = -Infinity;
  private endedAtMs = -Infinity;
  /** Between the beginnings of the last two appends. */
  private spanMs = Infinity;
  /** Transactions that come while one append is stored. */
  private arriving = 0;

  begin(nowMs: number): void {
    this.spanMs = nowMs - this.beganAtMs;
    this.beganAtMs = nowMs;
  }

  /** @param transactions how many were in the append, which have come since the one before it */
  end(nowMs: number, transactions: number): void {
    this.endedAtMs = nowMs;
    const tookMs = nowMs - this.beganAtMs;
    const arriving = tookMs === 0 ? 0 : (transactions * tookMs) / this.spanMs;
    this.arriving += NEWEST_WEIGHT * (Math.min(MOST_TRANSACTIONS, arriving) - this.arriving);
  }

  /** @returns whole milliseconds, as timers count, until the next append should begin; 0: now */
  waitMs(nowMs: number): number {
    const pauseMs = Math.max(0, this.arriving - UNHURRIED_TRANSACTIONS) * WAIT_PER_TRANSACTION_MS;
    return Math.max(0, Math.floor(this.endedAtMs + pauseMs - nowMs));
  }
}
