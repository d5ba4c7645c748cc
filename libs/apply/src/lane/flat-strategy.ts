import {
  LSN_ZERO,
  PoisonError,
  decodeKey,
  fromByteString,
  type ByteString,
  type CopyProgress,
  type LaneChange,
  type TableKey,
} from '@astro/sync-core';
import { countLines, lastLine, linesOf } from '../copy/copy-bytes.js';
import { CopyLineDecoder } from '../copy/copy-line.js';
import type { ReadSlots, Release } from '../copy/read-slots.js';
import { chunkSelect, existingKeysSelect, keysSelect, type Columns, type ReadTable } from '../source/table-queries.js';
import type { SnapshotCopy, SourceSession } from '../source/source-session.js';
import type { KeyState, RowChunk, TargetBatch } from '../targets/target.js';
import type { AppliedLog } from './applied-log.js';
import { coalesce } from './coalesce.js';
import { askInHalves } from './key-batches.js';
import type { Lane } from './lane.js';
import type { Fetched, KeysOfTable, LaneStrategy } from './lane-strategy.js';
import { firstKey, keyColumnsOf, possibleKeys, same, watermarkOf, withoutKeys, withoutRows } from './read-rows.js';
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
  /** Rows asked for; fewer are the last ones. */
  readonly limit: number;
  readonly copied: Promise<SnapshotCopy>;
  /** Ends the wait for what the chunk must see: nobody wants it any more. */
  readonly stop: AbortController;
  /** The chunk is written, or given up. */
  readonly release: Release;
}

type ReadFrom = Pick<Reading, 'tableIndex' | 'afterKey'>;

interface HowToRead {
  readonly signal: AbortSignal;
  /** For the rows. */
  readonly memory?: Buffer | undefined;
}

/**
 * Rows are the documents. A copy chunk is read in its own snapshot; then the stream is applied past the watermark
 * that was written after the read; then the rows are written, except those that transactions changed which the
 * snapshot did not see. So a chunk's row is never older than what it replaces (P4).
 */
export class FlatStrategy implements LaneStrategy {
  private ahead: Reading | null = null;
  /** As the source had them when they were last asked for; asked for again after every error and for every copy. */
  private readonly described = new Map<number, Columns>();
  /** The journal's entry of the chunk that was written last is under way. */
  private recorded: Promise<void> = Promise.resolve();

  constructor(private readonly options: FlatStrategyOptions) {}

  needsCopy(change: LaneChange): string | null {
    return change.op === 'relation' ? 'the columns of a source table changed' : null;
  }

  build(changes: readonly LaneChange[]): Promise<TargetBatch> {
    return Promise.resolve(coalesce(changes));
  }

  get sweptTables(): readonly number[] {
    return this.options.tables.map(({ id }) => id);
  }

  copyStep(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void> {
    return this.copyChunk(lane, copy, signal);
  }

  async reset(): Promise<void> {
    this.drop();
    await this.lastEntry().catch(() => undefined); // who resets knows of an error, or has given up
    this.described.clear();
    await this.options.source.close();
  }

  private async copyChunk(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void> {
    const reading = await this.take(lane, copy);
    const onAbort = () => reading.stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      await this.writeReading(reading, copy, signal);
    } finally {
      signal.removeEventListener('abort', onAbort);
      lane.unwatch(reading.log);
      reading.release();
    }
  }

  private async writeReading(reading: Reading, copy: CopyProgress, signal: AbortSignal): Promise<void> {
    const { lane } = reading;
    const { bytes, snapshot, watermark, cut, ...read } = await reading.copied;
    const table = this.table(copy.tableIndex);
    const decoder = new CopyLineDecoder(reading.columns, table.keyColumns, null);
    const last = lastLine(bytes);
    const afterKey = last === undefined ? null : this.keyTexts(table, decoder.key(last));
    const more = cut || read.rows >= reading.limit;
    if (more) await this.readAhead(lane, copy.tableIndex, afterKey);
    await lane.streamPast(watermark, signal);
    if (lane.current().copy?.id !== copy.id) return; // a new copy began while this one streamed
    const newer = reading.log.newerThan(snapshot, table.id);
    const kept = withoutRows(bytes, newer, decoder);
    const written = kept === bytes ? read.rows : countLines(kept);
    const rows = copy.rows + read.rows; // what is left out, the stream has written
    const next = more ? { ...copy, rows, afterKey } : afterTable({ ...copy, rows }, this.options.tables.length);
    await this.lastEntry();
    await writeChunk(lane, { ...read, tableId: table.id, columns: reading.columns, bytes: kept, rows: written }, next);
    this.recorded = lane.deps.journal.copied({
      copyId: copy.id,
      jobType: 'copy',
      entityType: `${table.table.schema}.${table.table.name}`,
      entityId: keyRange(firstKey(decoder, bytes), afterKey?.join(', ')),
      rows: written,
      removed: 0,
      startedAtMs: reading.startedAtMs,
    });
    this.recorded.catch(() => undefined); // awaited with the next chunk's, or here
    if (!more) await this.lastEntry();
    this.options.slots.reuse(bytes);
  }

  /** An entry that could not be written fails one step, not all that follow. */
  private async lastEntry(): Promise<void> {
    const { recorded } = this;
    this.recorded = Promise.resolve();
    await recorded;
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
    const limit = lane.driver.rowsAtOnce(this.options.chunkRows);
    const select = chunkSelect(table, { columns, afterKey, limit });
    const log = lane.watch();
    const stop = new AbortController();
    const copied = this.copyVisible(lane, select, { signal: stop.signal, memory: this.options.slots.memory() });
    copied.catch(() => undefined); // reported when it is awaited
    return { tableIndex, afterKey, log, lane, startedAtMs: Date.now(), columns, limit, copied, stop, release };
  }

  private copyVisible(lane: Lane, select: string, { signal, memory }: HowToRead): Promise<SnapshotCopy> {
    const { source } = this.options;
    return readVisible(lane, () => source.copy(select, memory), { source, signal });
  }

  private async columnsOf(table: ReadTable): Promise<Columns> {
    const known = this.described.get(table.id) ?? (await this.options.source.columns(table));
    this.described.set(table.id, known);
    return known;
  }

  private drop(): void {
    this.ahead?.stop.abort();
    this.ahead?.lane.unwatch(this.ahead.log);
    this.ahead?.release();
    this.ahead = null;
  }

  async missing(lane: Lane, { tableId, keys }: KeysOfTable, signal: AbortSignal): Promise<readonly string[]> {
    const table = this.tableOf(tableId);
    const log = lane.watch();
    try {
      const decoder = new CopyLineDecoder(keyColumnsOf(table), table.keyColumns, null);
      const existing = new Set<string>();
      const reads = await askInHalves(possibleKeys(table, keys), async (texts) => {
        const read = await this.readWhole(lane, texts, { select: (part) => existingKeysSelect(table, part), signal });
        for (const { bytes } of read)
          for (const line of linesOf(bytes)) existing.add(fromByteString(decoder.key(line)));
        return read;
      });
      const missing = keys.filter((key) => !existing.has(key));
      await lane.streamPast(missing.length === 0 ? LSN_ZERO : watermarkOf(reads.flat()), signal);
      return reads
        .flat()
        .reduce<readonly string[]>(
          (left, { snapshot }) => withoutKeys(left, log.newerThan(snapshot, tableId), same),
          missing,
        );
    } finally {
      lane.unwatch(log);
    }
  }

  async fetch(lane: Lane, keys: readonly TableKey[], signal: AbortSignal): Promise<Fetched> {
    const [first] = keys;
    if (!first) return { states: [], left: [] };
    const table = this.tableOf(first.tableId);
    const others = keys.filter(({ tableId }) => tableId !== table.id);
    const ofTable = keys.filter(({ tableId }) => tableId === table.id).map(({ key }) => key);
    const log = lane.watch();
    try {
      const columns = await this.columnsOf(table);
      const decoder = new CopyLineDecoder(columns, table.keyColumns, null);
      const rows = new Map<string, string>();
      const reads = await askInHalves(possibleKeys(table, ofTable), async (texts) => {
        const select = keysSelect(table, columns, texts);
        const read = await this.copyVisible(lane, select, { signal });
        for (const line of linesOf(read.bytes)) {
          const { key, document } = decoder.decode(line);
          rows.set(fromByteString(key), fromByteString(document));
        }
        return read;
      });
      await lane.streamPast(watermarkOf(reads), signal);
      // A reading that was cut says nothing about the keys it did not come to.
      const answered = reads.some(({ cut }) => cut) ? ofTable.filter((key) => rows.has(key)) : ofTable;
      const left = ofTable.filter((key) => !answered.includes(key)).map((key) => ({ tableId: table.id, key }));
      const settled = reads.reduce<readonly string[]>(
        (kept, { snapshot }) => withoutKeys(kept, log.newerThan(snapshot, table.id), same),
        answered,
      );
      const states = settled.map((key) => stateOf(lane, table.id, [key, rows.get(key) ?? null]));
      return { states, left: [...left, ...others] };
    } finally {
      lane.unwatch(log);
    }
  }

  /** Reads until nothing is cut: what a reading leaves out must not pass for absent (P13). */
  private async readWhole(
    lane: Lane,
    texts: readonly (readonly string[])[],
    {
      select,
      signal,
    }: { readonly select: (texts: readonly (readonly string[])[]) => string; readonly signal: AbortSignal },
  ): Promise<readonly SnapshotCopy[]> {
    const read = await this.copyVisible(lane, select(texts), { signal });
    if (!read.cut || texts.length === 1) return [read];
    const middle = Math.ceil(texts.length / 2);
    const halves = [texts.slice(0, middle), texts.slice(middle)];
    const reads: SnapshotCopy[] = [];
    for (const half of halves) reads.push(...(await this.readWhole(lane, half, { select, signal })));
    return reads;
  }

  private keyTexts(table: ReadTable, key: ByteString): readonly string[] {
    return decodeKey(fromByteString(key), table.keyColumns.length);
  }

  private tableOf(tableId: number): ReadTable {
    const table = this.options.tables.find(({ id }) => id === tableId);
    if (!table) throw new Error(`table ${tableId} is not part of this data set`);
    return table;
  }

  private table(index: number): ReadTable {
    const table = this.options.tables[index];
    if (!table) throw new Error(`the copy stands at table ${index}, which this data set does not have`);
    return table;
  }
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
    const states = lane.statesOf(chunk, linesOf(chunk.bytes));
    await lane.copyStates(next, states);
  }
}
