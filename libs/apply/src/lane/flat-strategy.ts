import {
  LSN_ZERO,
  PoisonError,
  decodeKey,
  fromByteString,
  type ByteString,
  type CopyProgress,
  type LaneChange,
} from '@astro/sync-core';
import { countLines, filterLines, firstLine, lastLine, linesOf, type CopyBytes } from '../copy/copy-bytes.js';
import { CopyLineDecoder } from '../copy/copy-line.js';
import type { ReadSlots, Release } from '../copy/read-slots.js';
import { chunkSelect, existingKeysSelect, keysSelect, type Columns, type ReadTable } from '../source/table-queries.js';
import type { SnapshotCopy, SourceSession } from '../source/source-session.js';
import type { KeyState, RowChunk, TargetBatch } from '../targets/target.js';
import type { AppliedLog } from './applied-log.js';
import { coalesce } from './coalesce.js';
import type { Lane, LaneStrategy, RepairKey } from './lane.js';
import { afterTable, keyRange, readVisible } from './strategy-tools.js';

export interface FlatStrategyOptions {
  readonly source: SourceSession;
  /** In the order in which they are copied: referenced tables first. */
  readonly tables: readonly ReadTable[];
  readonly chunkRows: number;
  /** Shared by all lanes of the process. */
  readonly slots: ReadSlots;
}

/** A chunk that is being read while the one before it is written. */
interface Reading {
  readonly tableIndex: number;
  readonly afterKey: readonly string[] | null;
  readonly log: AppliedLog;
  readonly lane: Lane;
  readonly startedAtMs: number;
  readonly columns: Columns;
  readonly copied: Promise<SnapshotCopy>;
  /** The chunk is written, or given up. */
  readonly release: Release;
}

type ReadFrom = Pick<Reading, 'tableIndex' | 'afterKey'>;

const SWEEP_PAGE_KEYS = 5000;

/**
 * Rows are the documents. A copy chunk is read in its own snapshot; then the stream is applied past the watermark
 * that was written after the read; then the rows are written, except those that transactions changed which the
 * snapshot did not see. So a chunk's row is never older than what it replaces (P4).
 */
export class FlatStrategy implements LaneStrategy {
  private ahead: Reading | null = null;
  /** As the source had them when they were last asked for; asked for again after every error and for every copy. */
  private readonly described = new Map<number, Columns>();

  constructor(private readonly options: FlatStrategyOptions) {}

  needsCopy(change: LaneChange): string | null {
    return change.op === 'relation' ? 'the columns of a source table changed' : null;
  }

  build(changes: readonly LaneChange[]): Promise<TargetBatch> {
    return Promise.resolve(coalesce(changes));
  }

  copyStep(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void> {
    return copy.phase === 'rows' ? this.copyChunk(lane, copy, signal) : this.sweep(lane, signal);
  }

  async reset(): Promise<void> {
    this.drop();
    this.described.clear();
    await this.options.source.close();
  }

  private async copyChunk(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void> {
    const reading = await this.take(lane, copy);
    try {
      await this.writeReading(reading, copy, signal);
    } finally {
      lane.unwatch(reading.log);
      reading.release();
    }
  }

  private async writeReading(reading: Reading, copy: CopyProgress, signal: AbortSignal): Promise<void> {
    const { lane } = reading;
    const { bytes, snapshot, watermark, cut } = await reading.copied;
    const table = this.table(copy.tableIndex);
    const decoder = new CopyLineDecoder(reading.columns, table.keyColumns, null);
    const last = lastLine(bytes);
    const afterKey = last === undefined ? null : this.keyTexts(table, decoder.key(last));
    const more = cut || countLines(bytes) >= this.options.chunkRows;
    if (more) await this.readAhead(lane, copy.tableIndex, afterKey);
    await lane.streamPast(watermark, signal);
    if (lane.current().copy?.id !== copy.id) return; // a new copy began while this one streamed
    const newer = reading.log.newerThan(snapshot, table.id);
    const kept = withoutRows(bytes, newer, decoder);
    const written = countLines(kept);
    const rows = copy.rows + written;
    const next = more ? { ...copy, rows, afterKey } : afterTable({ ...copy, rows }, this.options.tables.length);
    await writeChunk(lane, { tableId: table.id, columns: reading.columns, bytes: kept }, next);
    await lane.deps.journal.copied({
      copyId: copy.id,
      jobType: 'copy',
      entityType: `${table.table.schema}.${table.table.name}`,
      entityId: keyRange(firstKey(decoder, bytes), afterKey?.join(', ')),
      rows: written,
      removed: 0,
      startedAtMs: reading.startedAtMs,
    });
  }

  private async take(lane: Lane, copy: CopyProgress): Promise<Reading> {
    const ahead = this.ahead;
    const fits = ahead?.tableIndex === copy.tableIndex && ahead.afterKey?.join() === copy.afterKey?.join();
    if (ahead && fits) {
      this.ahead = null;
      return ahead;
    }
    this.drop();
    return this.read(lane, copy, await this.options.slots.take());
  }

  /** Only while there is room: another lane may need it more. */
  private async readAhead(lane: Lane, tableIndex: number, afterKey: readonly string[] | null): Promise<void> {
    const release = this.options.slots.tryTake();
    if (release) this.ahead = await this.read(lane, { tableIndex, afterKey }, release);
  }

  private async read(lane: Lane, from: ReadFrom, release: Release): Promise<Reading> {
    const { tableIndex, afterKey } = from;
    const table = this.table(tableIndex);
    const columns = await this.columnsOf(table).catch((error: unknown) => {
      release();
      throw error;
    });
    const select = chunkSelect(table, { columns, afterKey, limit: this.options.chunkRows });
    const log = lane.watch();
    const copied = readVisible(lane, () => this.options.source.copy(select));
    copied.catch(() => undefined); // reported when it is awaited
    return { tableIndex, afterKey, log, lane, startedAtMs: Date.now(), columns, copied, release };
  }

  private async columnsOf(table: ReadTable): Promise<Columns> {
    const known = this.described.get(table.id) ?? (await this.options.source.columns(table));
    this.described.set(table.id, known);
    return known;
  }

  private drop(): void {
    this.ahead?.lane.unwatch(this.ahead.log);
    this.ahead?.release();
    this.ahead = null;
  }

  /** Removes what the target holds and the source does not. */
  private async sweep(lane: Lane, signal: AbortSignal): Promise<void> {
    const copyId = lane.current().copy?.id;
    for (const table of this.options.tables) {
      for await (const keys of lane.deps.target.keys(table.id, SWEEP_PAGE_KEYS)) {
        await this.sweepPage(lane, table, { keys, signal });
        if (lane.current().copy?.id !== copyId) return;
      }
    }
    await lane.moveTo({ ...lane.current(), copy: null }, { truncated: [], states: [] });
  }

  private async sweepPage(
    lane: Lane,
    table: ReadTable,
    { keys, signal }: { readonly keys: readonly string[]; readonly signal: AbortSignal },
  ): Promise<void> {
    const log = lane.watch();
    try {
      const decoder = new CopyLineDecoder(keyColumnsOf(table), table.keyColumns, null);
      const texts = keys.map((key) => decodeKey(key, table.keyColumns.length));
      const select = existingKeysSelect(table, texts);
      const read = await readVisible(lane, () => this.options.source.copy(select), { signal });
      const existing = new Set(linesOf(read.bytes).map((line) => fromByteString(decoder.key(line))));
      const missing = keys.filter((key) => !existing.has(key));
      await lane.streamPast(missing.length === 0 ? LSN_ZERO : read.watermark, signal);
      const gone = withoutKeys(missing, log.newerThan(read.snapshot, table.id), (key) => key);
      await this.remove(lane, table, gone);
    } finally {
      lane.unwatch(log);
    }
  }

  private async remove(lane: Lane, table: ReadTable, keys: readonly string[]): Promise<void> {
    const state = lane.current();
    if (keys.length === 0 || !state.copy) return;
    const startedAtMs = Date.now();
    await lane.moveTo(state, { truncated: [], states: keys.map((key) => stateOf(lane, table.id, [key, null])) });
    await lane.deps.journal.copied({
      copyId: state.copy.id,
      jobType: 'copy',
      entityType: `${table.table.schema}.${table.table.name}`,
      entityId: keyRange(keys[0], keys[keys.length - 1]),
      rows: 0,
      removed: keys.length,
      startedAtMs,
    });
  }

  async repair(lane: Lane, keys: readonly RepairKey[], signal: AbortSignal): Promise<void> {
    for (const table of this.options.tables) {
      const ofTable = keys.filter((key) => key.tableId === table.id).map((key) => key.key);
      if (ofTable.length > 0) await this.repairTable(lane, table, { keys: ofTable, signal });
    }
  }

  private async repairTable(
    lane: Lane,
    table: ReadTable,
    { keys, signal }: { readonly keys: readonly string[]; readonly signal: AbortSignal },
  ): Promise<void> {
    const log = lane.watch();
    try {
      const columns = await this.columnsOf(table);
      const decoder = new CopyLineDecoder(columns, table.keyColumns, null);
      const texts = keys.map((key) => decodeKey(key, table.keyColumns.length));
      const select = keysSelect(table, columns, texts);
      const read = await readVisible(lane, () => this.options.source.copy(select), { signal });
      await lane.streamPast(read.watermark, signal);
      const rows = new Map<string, string>();
      for (const line of linesOf(read.bytes)) {
        const { key, document } = decoder.decode(line);
        rows.set(fromByteString(key), fromByteString(document));
      }
      // A reading that was cut says nothing about the keys it did not come to; they stay for the next time.
      const answered = read.cut ? [...rows.keys()] : keys;
      const settled = withoutKeys(answered, log.newerThan(read.snapshot, table.id), (key) => key);
      const states = settled.map((key) => stateOf(lane, table.id, [key, rows.get(key) ?? null]));
      await lane.moveTo(lane.current(), { truncated: [], states });
    } finally {
      lane.unwatch(log);
    }
  }

  private keyTexts(table: ReadTable, key: ByteString): readonly string[] {
    return decodeKey(fromByteString(key), table.keyColumns.length);
  }

  private table(index: number): ReadTable {
    const table = this.options.tables[index];
    if (!table) throw new Error(`the copy stands at table ${index}, which this data set does not have`);
    return table;
  }
}

function withoutKeys<T>(
  items: readonly T[],
  keys: ReadonlySet<string> | 'all',
  keyOf: (item: T) => string,
): readonly T[] {
  if (keys === 'all') return [];
  return keys.size === 0 ? items : items.filter((item) => !keys.has(keyOf(item)));
}

function withoutRows(bytes: CopyBytes, keys: ReadonlySet<string> | 'all', decoder: CopyLineDecoder): CopyBytes {
  if (keys === 'all') return Buffer.alloc(0);
  return keys.size === 0 ? bytes : filterLines(bytes, (line) => !keys.has(fromByteString(decoder.key(line))));
}

function firstKey(decoder: CopyLineDecoder, bytes: CopyBytes): string | undefined {
  const line = firstLine(bytes);
  return line === undefined ? undefined : fromByteString(decoder.key(line));
}

function keyColumnsOf(table: ReadTable) {
  return table.keyColumns.map((name) => ({ name, typeOid: 0 }));
}

function stateOf(lane: Lane, tableId: number, [key, document]: readonly [string, string | null]): KeyState {
  return { tableId, key, document, carry: null, position: lane.current().position };
}

/** Rows that the target refuses as a whole are written one by one, so that only those at fault are set aside. */
async function writeChunk(lane: Lane, chunk: RowChunk, copy: CopyProgress | null): Promise<void> {
  const next = { ...lane.current(), copy };
  try {
    await lane.copyTo(next, chunk);
  } catch (error) {
    if (!(error instanceof PoisonError)) throw error;
    const keyColumns = lane.deps.ledger.tables.find((table) => table.id === chunk.tableId)?.keyColumns ?? [];
    const decoder = new CopyLineDecoder(chunk.columns, keyColumns, null);
    const states = linesOf(chunk.bytes).map((line) => {
      const { key, document } = decoder.decode(line);
      return stateOf(lane, chunk.tableId, [fromByteString(key), fromByteString(document)]);
    });
    await lane.moveTo(next, { truncated: [], states });
  }
}
