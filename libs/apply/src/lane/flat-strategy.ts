import {
  LSN_ZERO,
  PoisonError,
  fromByteString,
  type CopyProgress,
  type LaneChange,
  type TableKey,
} from '@astro/sync-core';
import { countLines, linesOf } from '../copy/copy-bytes.js';
import { CopyLineDecoder } from '../copy/copy-line.js';
import type { SnapshotCopy } from '../source/source-session.js';
import { existingKeysSelect, keysSelect, type ReadTable } from '../source/table-queries.js';
import type { KeyState, RowChunk, TargetBatch } from '../targets/target.js';
import { ChunkReads, type ChunkReadsOptions, type Reading } from './chunk-reads.js';
import { coalesce } from './coalesce.js';
import { askInHalves } from './key-batches.js';
import type { Lane } from './lane.js';
import type { Fetched, KeysOfTable, LaneStrategy } from './lane-strategy.js';
import { firstKey, keyColumnsOf, possibleKeys, same, watermarkOf, withoutKeys, withoutRows } from './read-rows.js';
import { afterTable, keyRange, readVisible } from './strategy-tools.js';

/** One step of a copy. */
interface CopyStep {
  readonly lane: Lane;
  readonly copy: CopyProgress;
  readonly signal: AbortSignal;
}

/**
 * Rows are the documents. A copy chunk is read in its own snapshot; then the stream is applied past the watermark
 * that was written after the read; then the rows are written, except those that transactions changed which the
 * snapshot did not see. So a chunk's row is never older than what it replaces (P4).
 */
export class FlatStrategy implements LaneStrategy {
  private readonly reads: ChunkReads;
  /** The journal's entry of the chunk that was written last is under way. */
  private recorded: Promise<void> = Promise.resolve();

  constructor(private readonly options: ChunkReadsOptions) {
    this.reads = new ChunkReads(options);
  }

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

  rest(): void {
    this.reads.drop();
  }

  async reset(): Promise<void> {
    this.reads.drop();
    await this.lastEntry().catch(() => undefined); // who resets knows of an error, or has given up
    await this.reads.reset();
  }

  private async copyChunk(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void> {
    const reading = await this.reads.take(lane, copy, signal);
    const onAbort = () => reading.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      await this.writeReading(reading, { lane, copy, signal });
    } finally {
      signal.removeEventListener('abort', onAbort);
      reading.done();
    }
  }

  private async writeReading({ log, startedAtMs, chunk }: Reading, { lane, copy, signal }: CopyStep): Promise<void> {
    const { table, columns, bytes, snapshot, watermark, lastKey, more, rows: rowsRead, longestRowBytes } = await chunk;
    await lane.streamPast(watermark, signal);
    if (lane.current().copy?.id !== copy.id) return; // a new copy began while this one streamed
    const decoder = new CopyLineDecoder(columns, table.keyColumns, null);
    const kept = withoutRows(bytes, log.newerThan(snapshot, table.id), decoder);
    const written = kept === bytes ? rowsRead : countLines(kept);
    const rows = copy.rows + rowsRead; // what is left out, the stream has written
    const next = more
      ? { ...copy, rows, afterKey: lastKey }
      : afterTable({ ...copy, rows }, this.options.tables.length);
    await writeChunk(lane, { tableId: table.id, columns, bytes: kept, rows: written, longestRowBytes }, next);
    const entryBefore = this.lastEntry(); // it had the time of a whole chunk
    this.recorded = lane.deps.journal.copied({
      copyId: copy.id,
      jobType: 'copy',
      entityType: `${table.table.schema}.${table.table.name}`,
      entityId: keyRange(firstKey(decoder, bytes), lastKey?.join(', ')),
      rows: written,
      removed: 0,
      startedAtMs,
    });
    this.recorded.catch(() => undefined); // awaited with the next chunk's, or here
    await entryBefore;
    if (!more) await this.lastEntry();
    this.options.slots.reuse(bytes);
  }

  /** An entry that could not be written fails one step, not all that follow. */
  private async lastEntry(): Promise<void> {
    const { recorded } = this;
    this.recorded = Promise.resolve();
    await recorded;
  }

  private copyVisible(lane: Lane, select: string, signal: AbortSignal): Promise<SnapshotCopy> {
    const { source } = this.options;
    return readVisible(lane, () => source.copy(select), { source, signal });
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
      const columns = await this.reads.columnsOf(table);
      const decoder = new CopyLineDecoder(columns, table.keyColumns, null);
      const rows = new Map<string, string>();
      const reads = await askInHalves(possibleKeys(table, ofTable), async (texts) => {
        const select = keysSelect(table, columns, texts);
        const read = await this.copyVisible(lane, select, signal);
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
    const read = await this.copyVisible(lane, select(texts), signal);
    if (!read.cut || texts.length === 1) return [read];
    const middle = Math.ceil(texts.length / 2);
    const halves = [texts.slice(0, middle), texts.slice(middle)];
    const reads: SnapshotCopy[] = [];
    for (const half of halves) reads.push(...(await this.readWhole(lane, half, { select, signal })));
    return reads;
  }

  private tableOf(tableId: number): ReadTable {
    const table = this.options.tables.find(({ id }) => id === tableId);
    if (!table) throw new Error(`table ${tableId} is not part of this data set`);
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
