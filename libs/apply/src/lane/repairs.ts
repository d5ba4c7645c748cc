import type { IsolatingWriter } from './isolating-writer.js';
import type { Lane } from './lane.js';

const POISON_RETRY_MS = 60_000;
const MAX_FUTILE_REPAIRS = 20;

/** Brings keys of a lane that were set aside, or miss columns, from the source. */
export class Repairs {
  private retryPoisonAtMs = 0;

  constructor(
    private readonly lane: Lane,
    private readonly writer: IsolatingWriter,
  ) {}

  /** Fetches the keys that miss columns, until none is left or it comes to nothing again and again. */
  async mendIncomplete(signal: AbortSignal): Promise<void> {
    for (let futile = 0; this.writer.incompleteKeys > 0 && futile < MAX_FUTILE_REPAIRS; futile++) {
      const before = this.writer.incompleteKeys;
      await this.writeDue(signal);
      if (this.writer.incompleteKeys < before) futile = -1;
    }
  }

  /** Writes keys that were set aside and may be tried again from the source, some at a time. */
  async writeDue(signal: AbortSignal): Promise<void> {
    const { lane, writer } = this;
    const retryPoison = writer.hasPoison && Date.now() >= this.retryPoisonAtMs;
    if (retryPoison) this.retryPoisonAtMs = Date.now() + POISON_RETRY_MS;
    const keys = writer.dueForRepair(retryPoison);
    if (keys.length === 0) return;
    const { states } = await lane.deps.strategy.fetch(lane, keys, signal);
    await lane.moveTo(lane.current(), { truncated: [], states });
  }
}
