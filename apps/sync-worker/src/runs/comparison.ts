import { RowGate, type RunSource, type Verifier, type VerifyCounts } from '@astro/apply';
import type { NewChunk, RunStore } from '@astro/runs';
import { abortableSleep } from '@astro/runtime';
import { encodeKey, type CapturedTable } from '@astro/sync-core';
import { FoundErrors } from './comparison-errors.js';
import type { HeldItem } from './held-items.js';
import { chunkOf, type PartLedger } from './part-ledger.js';
import { countersOf, type CountAs, type PartWorker } from './part-worker.js';
import { tableOf } from './task-of.js';

const ROWS_PER_PART = 50_000;
/** Each part costs a query at its source before the first one begins. */
const LEAST_ROWS_PER_PART = 100;
const KEYS_AT_ONCE = 1000;
const OTHERS_POLL_MS = 200;

export interface ComparisonTools {
  readonly store: RunStore;
  readonly worker: string;
  readonly parts: PartLedger;
  readonly partWorker: PartWorker;
}

export interface ComparisonOf {
  readonly item: HeldItem;
  readonly tables: readonly CapturedTable[];
  readonly verifier: Verifier;
  readonly source: RunSource;
  readonly countAs: CountAs;
  /** Number of its first part. */
  readonly firstSeq: number;
  readonly signal: AbortSignal;
}

/** What a comparison came to; null: it was paused or cancelled before its end. */
export type Compared = VerifyCounts | null;

const NOTHING: VerifyCounts = { rows: 0, same: 0, missing: 0, different: 0, extra: 0, notChecked: 0 };

/** Compares both sides of a data set, or of the rows that its item is narrowed to. */
export class Comparison {
  private readonly gate = new RowGate();
  private readBefore = 0;

  constructor(
    private readonly tools: ComparisonTools,
    private readonly of: ComparisonOf,
  ) {}

  run(): Promise<Compared> {
    const { keys, filter } = this.of.item.claimed.scope;
    return keys || filter ? this.chosenRows() : this.everything();
  }

  /** In parts that other workers help with. All are stored before the first begins, so that together they are all. */
  private async everything(): Promise<Compared> {
    const { item, firstSeq, signal } = this.of;
    const { parts, partWorker } = this.tools;
    if ((await parts.progress(item.id, firstSeq)).all === 0) await this.cut();
    while (this.goesOn()) {
      const chunk = await partWorker.take(item.id);
      if (chunk) {
        const { verifier, countAs } = this.of;
        await partWorker.compare({ chunk, verifier, countAs, signal, control: (rows) => this.control(rows) });
        continue;
      }
      if ((await parts.progress(item.id, firstSeq)).open === 0) return parts.sums(item.id, firstSeq);
      await abortableSleep(OTHERS_POLL_MS, signal);
    }
    return null;
  }

  private async cut(): Promise<void> {
    const { item, verifier, source, firstSeq, countAs } = this.of;
    const total = await source.totalRows();
    if (total !== null && countAs !== 'proof') item.report({ rowsTotal: total * this.rounds });
    const chunks: NewChunk[] = [];
    for await (const part of verifier.parts(this.rowsPerPart())) chunks.push(chunkOf(part, firstSeq + chunks.length));
    await this.tools.store.addChunks(item.id, this.tools.worker, chunks);
  }

  /** A part is counted when it is done: with a limit it is what passes in a second, so that the figures move. */
  private rowsPerPart(): number {
    this.limitRate();
    return Math.max(LEAST_ROWS_PER_PART, this.gate.rowsAtOnce(ROWS_PER_PART));
  }

  /** Few rows, or those that a filter finds: from the start again if this worker is lost. */
  private async chosenRows(): Promise<Compared> {
    const { item, verifier, countAs, signal } = this.of;
    let sum = NOTHING;
    for await (const { tableId, keys } of this.chosenKeys()) {
      if (!this.goesOn()) return null;
      const errors = new FoundErrors();
      const found = await verifier.verifyKeys(tableId, keys, {
        signal,
        onDifference: (difference) => errors.addDifference(difference),
        onNotChecked: (key) => errors.addNotChecked(key),
      });
      sum = add(sum, found);
      const counters = countersOf(sum, countAs);
      item.report({ set: { ...counters, rowsRead: sum.rows + this.readBefore } });
      if (countAs === 'difference') await tell(item, errors);
      await this.control(keys.length);
    }
    return sum;
  }

  private async *chosenKeys(): AsyncGenerator<{ tableId: number; keys: readonly string[] }> {
    const { item, tables, source } = this.of;
    const { keys, filter, table } = item.claimed.scope;
    const { id: tableId } = tableOf(table, tables);
    if (keys) {
      this.expect(keys.length);
      await source.checkKeys(tableId, keys);
      for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) yield { tableId, keys: keys.slice(at, at + KEYS_AT_ONCE) };
      return;
    }
    const selection = { tableId, conditions: filter ?? [] };
    this.expect(await source.countMatching(selection));
    let afterKey: readonly string[] | null = null;
    for (;;) {
      const found: readonly (readonly string[])[] = await source.matchingKeys(selection, {
        afterKey,
        limit: KEYS_AT_ONCE,
      });
      if (found.length > 0) yield { tableId, keys: found.map((texts) => encodeKey(texts)) };
      if (found.length < KEYS_AT_ONCE) return;
      afterKey = found[found.length - 1] ?? null;
    }
  }

  /** A repair compares twice: before and after it writes. */
  private get rounds(): number {
    const { mode, isPreview } = this.of.item.claimed;
    return mode === 'repair' && !isPreview ? 2 : 1;
  }

  /** Rows that were chosen: so many in each round. */
  private expect(rows: number): void {
    this.of.item.report({ rowsTotal: rows * this.rounds });
    if (this.of.countAs === 'proof') this.readBefore = rows;
  }

  private goesOn(): boolean {
    return !this.of.signal.aborted && this.of.item.isHeld && this.of.item.wanted.control === 'run';
  }

  /** Keeps to the rate of the run; who pauses or cancels is not kept waiting. */
  private async control(rows: number): Promise<void> {
    this.limitRate();
    this.gate.passed(rows, Date.now());
    while (this.goesOn() && this.gate.waitMs(Date.now()) > 0) {
      await abortableSleep(Math.min(OTHERS_POLL_MS, this.gate.waitMs(Date.now())), this.of.signal);
      this.limitRate();
    }
  }

  /**
   * A preview only reads, and a person waits for it, who may want a run that goes on for hours: it is as fast as it can
   * be.
   */
  private limitRate(): void {
    const { claimed, wanted } = this.of.item;
    this.gate.setLimit(claimed.isPreview ? null : wanted.rateRowsPerS, Date.now());
  }
}

async function tell(item: HeldItem, { list, more }: FoundErrors): Promise<void> {
  if (list.length > 0) await item.recordErrors(list);
  if (more.length > 0) await item.countErrors(more);
}

function add(a: VerifyCounts, b: VerifyCounts): VerifyCounts {
  return {
    rows: a.rows + b.rows,
    same: a.same + b.same,
    missing: a.missing + b.missing,
    different: a.different + b.different,
    extra: a.extra + b.extra,
    notChecked: a.notChecked + b.notChecked,
  };
}
