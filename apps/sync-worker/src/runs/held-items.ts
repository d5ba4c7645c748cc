import type { ClaimedItem, ErrorCount, ItemEnd, NewRunError, ProgressUpdate, RunStore, Wanted } from '@astro/runs';
import { FencedError } from '@astro/sync-core';
import type { Logger } from '@astro/runtime';

const FIGURES_INTERVAL_MS = 1000;

/** The item of a run that this worker holds. */
export class HeldItem {
  wanted: Wanted;
  /** What the worker needs to go on; as stored with the figures. */
  stateData: unknown;
  private figures: ProgressUpdate = {};
  private isDirty = false;
  private writtenAtMs = 0;
  private writing: Promise<void> = Promise.resolve();
  private held = true;
  /** It is being ended or given back. */
  private leaving = false;

  constructor(
    readonly claimed: ClaimedItem,
    private readonly store: RunStore,
    private readonly worker: string,
  ) {
    this.wanted = { control: claimed.control, rateRowsPerS: claimed.rateRowsPerS };
    this.stateData = claimed.stateData;
  }

  get id(): string {
    return this.claimed.itemId;
  }

  /** False once it has ended, rests, or another worker has taken it. */
  get isHeld(): boolean {
    return this.held;
  }

  /** Gathers figures; they are written with the next {@link beat}. `add` adds up, the others replace what came before. */
  report(update: ProgressUpdate): void {
    const add = { ...this.figures.add };
    for (const [name, value] of Object.entries(update.add ?? {})) {
      const counter = name as keyof typeof add;
      add[counter] = (add[counter] ?? 0) + value;
    }
    const set = { ...this.figures.set, ...update.set };
    this.figures = { ...this.figures, ...update, add, set };
    if ('stateData' in update) this.stateData = update.stateData;
    this.isDirty = true;
  }

  /** A sign of life: keeps the item, learns what people want of it, and writes the figures about once a second. */
  async beat(): Promise<void> {
    if (!this.held || this.leaving) return;
    try {
      await this.guarded(async () => {
        this.wanted = await this.store.heartbeat(this.id, this.worker);
        if (Date.now() - this.writtenAtMs >= FIGURES_INTERVAL_MS) await this.write();
      });
    } catch (error) {
      if (!(error instanceof FencedError && this.leaving)) throw error;
    }
  }

  /** Writes what was reported. @throws {FencedError} when another worker has taken the item */
  async flush(): Promise<void> {
    if (this.isDirty) await this.guarded(() => this.write());
  }

  /** @returns rows that were not listed before */
  recordErrors(errors: readonly NewRunError[]): Promise<number> {
    return this.guarded(() => this.store.recordErrors(this.id, this.worker, errors));
  }

  countErrors(more: readonly ErrorCount[]): Promise<void> {
    return this.guarded(() => this.store.countErrors(this.id, this.worker, more));
  }

  async end(end: ItemEnd): Promise<void> {
    await this.flush();
    await this.letGo(() => this.store.finishItem(this.id, this.worker, end));
  }

  async pause(): Promise<void> {
    await this.flush();
    await this.letGo(() => this.store.pauseItem(this.id, this.worker));
  }

  /** Gives it back, so that any worker may go on at once. */
  async release(): Promise<void> {
    if (!this.held) return;
    await this.flush();
    await this.letGo(() => this.store.releaseItem(this.id, this.worker));
  }

  private async letGo(tell: () => Promise<unknown>): Promise<void> {
    this.leaving = true;
    try {
      await this.guarded(tell);
      this.held = false;
    } finally {
      this.leaving = false;
    }
  }

  /** One write after the other, so that older figures never follow newer ones. */
  private write(): Promise<void> {
    const next = this.writing.then(async () => {
      const { figures } = this;
      this.figures = {};
      this.isDirty = false;
      this.writtenAtMs = Date.now();
      try {
        await this.store.progress(this.id, this.worker, figures);
      } catch (error) {
        const since = this.figures;
        this.figures = figures;
        this.report(since);
        throw error;
      }
    });
    this.writing = next.catch(() => undefined); // told to whoever asked for this write
    return next;
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof FencedError) this.held = false;
      throw error;
    }
  }
}

export interface HeldItemsOptions {
  readonly store: RunStore;
  /** Names this process among all that ever were. */
  readonly worker: string;
  readonly log: Logger;
}

/** What this worker holds of runs. */
export class HeldItems {
  private readonly items = new Map<string, HeldItem>();

  constructor(private readonly options: HeldItemsOptions) {}

  /** Takes what there is to do for a data set. */
  async claim(dataSet: string): Promise<readonly HeldItem[]> {
    const { store, worker, log } = this.options;
    const claimed = await store.claimItems(worker, [dataSet]);
    const taken = claimed.map((item) => new HeldItem(item, store, worker));
    for (const item of taken) {
      const { itemId, runId, mode, isPreview, attempts } = item.claimed;
      this.items.set(item.id, item);
      log.info({ event: 'run.item_taken', itemId, runId, dataSet, mode, isPreview, attempts }, 'working for a run');
    }
    return taken;
  }

  all(): readonly HeldItem[] {
    for (const [id, item] of this.items) if (!item.isHeld) this.items.delete(id);
    return [...this.items.values()];
  }

  /** Signs of life for everything held; never rejects. What another worker has taken is dropped. */
  async beat(): Promise<void> {
    const results = await Promise.allSettled(this.all().map((item) => item.beat()));
    for (const result of results) {
      if (result.status === 'rejected')
        this.options.log.warn({ event: 'run.beat_failed', err: result.reason as Error });
    }
  }

  async releaseAll(): Promise<void> {
    await Promise.allSettled(this.all().map((item) => item.release()));
  }
}
