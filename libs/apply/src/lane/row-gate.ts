/**
 * Lets rows through at a limited rate: what was written ahead of the rate is waited for afterwards. The limit may
 * change at any time; what is owed then is paid at the new rate. No clock of its own.
 */
export class RowGate {
  private limit: number | null = null;
  private rowsAhead = 0;
  private atMs = 0;

  /** @param rowsPerSecond null: no limit */
  setLimit(rowsPerSecond: number | null, nowMs: number): void {
    this.pay(nowMs);
    this.limit = rowsPerSecond;
    if (rowsPerSecond === null) this.rowsAhead = 0;
  }

  get isPaced(): boolean {
    return this.limit !== null;
  }

  passed(rows: number, nowMs: number): void {
    this.pay(nowMs);
    if (this.limit !== null) this.rowsAhead += rows;
  }

  /** Until the next rows may pass; 0: now. */
  waitMs(nowMs: number): number {
    this.pay(nowMs);
    return this.limit === null ? 0 : Math.ceil((this.rowsAhead / this.limit) * 1000);
  }

  /** Rows to take at once: what passes in a second, so that a slow copy moves in small steps. */
  rowsAtOnce(most: number): number {
    return this.limit === null ? most : Math.min(most, Math.max(1, Math.floor(this.limit)));
  }

  private pay(nowMs: number): void {
    const paid = ((this.limit ?? 0) * Math.max(0, nowMs - this.atMs)) / 1000;
    this.rowsAhead = Math.max(0, this.rowsAhead - paid);
    this.atMs = nowMs;
  }
}
