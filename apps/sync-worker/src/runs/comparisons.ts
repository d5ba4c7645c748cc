import type { Pool } from 'pg';
import { RowFilterError, type RunSource, type Verifier, type VerifyCounts } from '@astro/apply';
import type { RegisteredLane } from '@astro/ledger';
import type { ClaimedItem, PreviewFigures } from '@astro/runs';
import { Backoff, abortableSleep, type Logger } from '@astro/runtime';
import {
  ConfigError,
  FencedError,
  LostColumnsError,
  publicReason,
  removalRefusal,
  type TaskEnd,
} from '@astro/sync-core';
import { Comparison, type Compared, type ComparisonTools } from './comparison.js';
import type { HeldItem } from './held-items.js';
import type { CountAs } from './part-worker.js';
import { readPending } from './pending.js';
import { stageOf } from './stage.js';
import { tableOf } from './task-of.js';

/** What compares a data set, with connections of its own. */
export interface Comparer {
  readonly lane: RegisteredLane;
  readonly verifier: Verifier;
  readonly source: RunSource;
  close(): Promise<void>;
}

export interface ComparisonsOptions extends ComparisonTools {
  readonly pool: Pool;
  readonly log: Logger;
  /** Null: the data set is not in the catalogue of this worker. */
  readonly comparerOf: (dataSet: string) => Comparer | null;
  /** There is work for the lane now. */
  readonly wake: (dataSet: string) => void;
}

const LOOK_INTERVAL_MS = 300;
const NOTHING_WRITTEN = { inserts: 0, changes: 0, removals: 0, same: 0, targetRows: 0 };

/** Previews, comparisons, and what comes before and after a repair: everything of runs that no lane is needed for. */
export class Comparisons {
  private readonly stopping = new AbortController();
  private readonly active = new Map<string, Promise<void>>();

  constructor(private readonly options: ComparisonsOptions) {}

  /** Works on the item until it ends, rests, or is the lane's turn. */
  begin(item: HeldItem): void {
    if (this.active.has(item.id)) return;
    const work = this.keepTrying(item).finally(() => this.active.delete(item.id));
    this.active.set(item.id, work);
  }

  /** The lane has written what a repair is about: both sides are compared once more. */
  async prove(item: HeldItem, { outcome }: TaskEnd): Promise<void> {
    const { all } = await this.options.parts.progress(item.id, 0);
    const message = outcome === 'succeeded' ? 'Written; compared once more.' : 'Some rows could not be written.';
    item.report({ phase: 'verifying', message, stateData: { stage: 'prove', firstSeq: all } });
    await item.flush();
    this.begin(item);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.allSettled(this.active.values());
  }

  /** Never rejects. */
  private async keepTrying(item: HeldItem): Promise<void> {
    const backoff = new Backoff({ baseMs: 200, maxMs: 5000 });
    const { log } = this.options;
    while (item.isHeld && !this.stopping.signal.aborted) {
      try {
        if (await this.once(item)) return;
      } catch (error) {
        if (this.stopping.signal.aborted || (await this.isFinal(item, error))) return;
        log.warn({ event: 'run.comparison_retry', itemId: item.id, err: error }, 'a comparison is tried again');
        await abortableSleep(backoff.nextMs(), this.stopping.signal);
      }
    }
  }

  private async isFinal(item: HeldItem, error: unknown): Promise<boolean> {
    // A part that another worker took is no error of the item.
    if (!item.isHeld || item.wanted.control === 'cancel' || error instanceof FencedError) return false;
    const message = publicReason(error);
    if (error instanceof RowFilterError || error instanceof ConfigError || error instanceof LostColumnsError) {
      await item.end({ outcome: 'failed', message }).catch(() => undefined); // taken over: ended there
      return true;
    }
    item.report({ add: { retries: 1 }, message: `Tried again after: ${message}` });
    return false;
  }

  /** @returns true when nothing more is to be done here */
  private async once(item: HeldItem): Promise<boolean> {
    const { control } = item.wanted;
    if (control === 'cancel') {
      await item.end({ outcome: 'cancelled', message: 'Cancelled; nothing was written since.' });
      return true;
    }
    if (control === 'pause') {
      await item.pause();
      return true;
    }
    const comparer = this.options.comparerOf(item.claimed.dataSet);
    if (!comparer) throw new ConfigError(`The catalogue has no data set ${item.claimed.dataSet}.`);
    try {
      return await this.work(item, comparer);
    } finally {
      await comparer.close().catch(() => undefined); // the next use connects anew
    }
  }

  private work(item: HeldItem, comparer: Comparer): Promise<boolean> {
    if (item.claimed.isPreview) return this.preview(item, comparer);
    return stageOf(item.stateData).stage === 'prove' ? this.proof(item, comparer) : this.comparison(item, comparer);
  }

  private async preview(item: HeldItem, comparer: Comparer): Promise<boolean> {
    item.report({ phase: 'planning' });
    const startedAtMs = Date.now();
    const found = await this.figures(item, comparer);
    if (!found) return false;
    const seconds = (Date.now() - startedAtMs) / 1000;
    const isTold = readsRows(item.claimed) && found.rows > 0 && seconds > 0;
    const rate = isTold ? { rateRowsPerS: found.rows / seconds } : {};
    await item.flush();
    await this.options.store.recordPreview(item.id, this.options.worker, { ...found, ...rate });
    await item.end({ outcome: 'succeeded' });
    return true;
  }

  private async figures(item: HeldItem, comparer: Comparer): Promise<PreviewFigures | null> {
    const { mode, scope } = item.claimed;
    if (mode === 'incremental') return readPending(this.options.pool, comparer.lane.id);
    if (!readsRows(item.claimed)) return { ...NOTHING_WRITTEN, rows: await rowsToVerify(scope, comparer) };
    const found = await this.compare(item, comparer, 'preview');
    if (!found) return null;
    if (mode === 'verify') return { ...NOTHING_WRITTEN, rows: found.rows };
    const { rows, same, missing, different, extra, notChecked } = found;
    const figures = { rows, inserts: missing, changes: different + notChecked, removals: extra, same };
    return { ...figures, targetRows: rows - missing + extra };
  }

  private async comparison(item: HeldItem, comparer: Comparer): Promise<boolean> {
    item.report({ phase: 'comparing' });
    const found = await this.compare(item, comparer, 'difference');
    if (!found) return false;
    const differing = found.missing + found.different + found.extra;
    if (item.claimed.mode === 'verify' || differing === 0) await item.end(verdict(found));
    else await this.mend(item, found, differing);
    return true;
  }

  /** Hands the item to the lane, unless too much would be removed. */
  private async mend(item: HeldItem, { rows, missing, extra }: VerifyCounts, differing: number): Promise<void> {
    const { wake, parts } = this.options;
    const { limits, dataSet } = item.claimed;
    const { maxRemovalShare, maxDeviationShare } = limits;
    const guard = { maxRemovalShare, maxDeviationShare, expected: limits.expected?.[dataSet] ?? null };
    const refusal = removalRefusal(guard, { extra, held: rows - missing + extra });
    if (refusal) return item.end({ outcome: 'stopped_by_guard', message: refusal });
    // What is not kept row by row can only be written with everything that was compared.
    const stage = differing > (await parts.keptRows(item.id)) ? 'copy' : 'mend';
    item.report({ phase: 'applying', message: `${differing} rows differ.`, stateData: { stage } });
    // The lane may be moved by another worker by now: whoever moves it takes the item.
    await item.release();
    wake(dataSet);
  }

  private async proof(item: HeldItem, comparer: Comparer): Promise<boolean> {
    item.report({ phase: 'verifying' });
    const found = await this.compare(item, comparer, 'proof');
    if (!found) return false;
    await item.end(verdict(found));
    return true;
  }

  private async compare(item: HeldItem, { lane, verifier, source }: Comparer, countAs: CountAs): Promise<Compared> {
    const off = new AbortController();
    const looking = setInterval(() => {
      if (!item.isHeld || item.wanted.control === 'cancel') off.abort();
    }, LOOK_INTERVAL_MS);
    const signal = AbortSignal.any([this.stopping.signal, off.signal]);
    const { firstSeq } = stageOf(item.stateData);
    try {
      const of = { item, tables: lane.tables, verifier, source, countAs, firstSeq, signal };
      return await new Comparison(this.options, of).run();
    } catch (error) {
      if (off.signal.aborted && !this.stopping.signal.aborted) return null;
      throw error;
    } finally {
      clearInterval(looking);
    }
  }
}

/** Others only count the rows, which says nothing about how long the work with them takes. */
function readsRows({ mode, scope }: Pick<ClaimedItem, 'mode' | 'scope'>): boolean {
  return mode !== 'incremental' && (mode !== 'verify' || scope.keys !== undefined);
}

async function rowsToVerify({ table, filter }: ClaimedItem['scope'], { lane, source }: Comparer): Promise<number> {
  if (!filter) return (await source.totalRows()) ?? 0;
  return source.countMatching({ tableId: tableOf(table, lane.tables).id, conditions: filter });
}

function rowsOf(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

function verdict({ missing, different, extra, notChecked }: VerifyCounts) {
  const differing = missing + different + extra;
  if (differing === 0 && notChecked === 0) return { outcome: 'succeeded', message: 'Both sides are equal.' } as const;
  const parts = [
    ...(differing > 0
      ? [
          `${rowsOf(differing)} ${differing === 1 ? 'differs' : 'differ'} (${missing} missing, ${different} different, ${extra} extra)`,
        ]
      : []),
    ...(notChecked > 0 ? [`${rowsOf(notChecked)} could not be checked`] : []),
  ];
  return { outcome: 'succeeded_with_leftovers', message: `${parts.join('; ')}.` } as const;
}
