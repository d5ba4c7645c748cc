import { decodeKey, encodeKey, fromByteString } from '@astro/sync-core';
import { lastLine } from '../copy/copy-bytes.js';
import { CopyLineDecoder } from '../copy/copy-line.js';
import type { ReadSlots, Release } from '../copy/read-slots.js';
import { chunkSelect, type Columns, type ReadTable } from '../source/table-queries.js';
import type { SnapshotCopy, SourceSession } from '../source/source-session.js';
import type { AppliedLog } from './applied-log.js';
import { readVisible, type Visible } from './strategy-tools.js';

export interface ChunkReadsOptions {
  readonly source: SourceSession;
  /** In the order in which they are copied: referenced tables first. */
  readonly tables: readonly ReadTable[];
  readonly chunkRows: number;
  /** Shared by all lanes of the process. */
  readonly slots: ReadSlots;
}

/** Where a chunk begins. */
export interface ChunkPlace {
  readonly tableIndex: number;
  /** Null: at the table's first row. */
  readonly afterKey: readonly string[] | null;
}

interface ChunkEnd {
  /** Of the last row; null when there is none. */
  readonly lastKey: readonly string[] | null;
  /** The table may have more rows. */
  readonly more: boolean;
}

/** Rows of one chunk, as they were in the snapshot that they were read in. */
export interface Chunk extends SnapshotCopy, ChunkEnd {
  readonly table: ReadTable;
  readonly columns: Columns;
}

/** The lane whose copy it is, as far as reading needs it. */
export interface ReadingLane extends Visible {
  readonly driver: { rowsAtOnce(most: number): number; readonly isPaced: boolean };
  watch(): AppliedLog;
  unwatch(log: AppliedLog): void;
}

/** A chunk that is being read or waits to be written. */
export interface Reading extends ChunkPlace {
  readonly chunk: Promise<Chunk>;
  /** What the lane has applied since before the snapshot. */
  readonly log: AppliedLog;
  readonly startedAtMs: number;
  /** Ends the wait for what the chunk must see: nobody wants it any more. */
  abort(): void;
  /** The chunk is written, or given up. */
  done(): void;
}

/** What is known only here of a reading. */
interface Ahead extends Reading {
  readonly lane: ReadingLane;
  readonly limit: number;
}

/** One that waits for its watermark to be captured, and one that is being read meanwhile. */
const MOST_AHEAD = 2;
/** The first chunk of a table is so much smaller, because nothing can be written before it was read. */
const FIRST_CHUNK_PART = 8;

/**
 * Reads the chunks of a flat data set's copy, some of them while those before are written: as long as there are free
 * slots and rows. Of one lane, and not for two calls at once.
 */
export class ChunkReads {
  /** In key order; each begins where the one before it ends. */
  private ahead: Ahead[] = [];
  /** The one begun last, and where it ends, once that is known: there the next one begins. */
  private last: { readonly reading: Ahead; readonly end: ChunkEnd | null } | null = null;
  /** As the source had them when they were last asked for; asked for again after every error and for every copy. */
  private readonly described = new Map<number, Columns>();

  constructor(private readonly options: ChunkReadsOptions) {}

  /**
   * The chunk from there on; whoever takes it calls `done` in the end. Waits for a slot unless it is read already, and no
   * longer than until `signal` aborts.
   */
  async take(lane: ReadingLane, place: ChunkPlace, signal?: AbortSignal): Promise<Reading> {
    const [first] = this.ahead;
    if (first && isAt(first, place) && first.limit <= this.limit(lane, place)) {
      this.ahead.shift();
      this.readOn();
      return first;
    }
    this.drop();
    return this.begin(lane, place, await this.options.slots.take(signal));
  }

  /** Gives up what was read ahead. */
  drop(): void {
    for (const reading of this.ahead) {
      reading.abort();
      reading.done();
    }
    this.ahead = [];
    this.last = null;
  }

  /** Gives up everything that is known of the source. */
  async reset(): Promise<void> {
    this.drop();
    this.described.clear();
    await this.options.source.close();
  }

  async columnsOf(table: ReadTable): Promise<Columns> {
    const known = this.described.get(table.id) ?? (await this.options.source.columns(table));
    this.described.set(table.id, known);
    return known;
  }

  private begin(lane: ReadingLane, place: ChunkPlace, release: Release): Ahead {
    const limit = this.limit(lane, place);
    const log = lane.watch();
    const stop = new AbortController();
    const chunk = this.read(lane, { ...place, limit }, stop.signal);
    const done = (): void => {
      lane.unwatch(log);
      release();
    };
    const reading = { ...place, limit, lane, log, startedAtMs: Date.now(), chunk, abort: () => stop.abort(), done };
    this.last = { reading, end: null };
    chunk.then(
      ({ lastKey, more }) => this.onRead(reading, { lastKey, more }), // the rows must not be kept
      () => undefined, // reported to the one who takes it
    );
    return reading;
  }

  private onRead(reading: Ahead, end: ChunkEnd): void {
    if (this.last?.reading !== reading) return; // dropped
    this.last = { reading, end };
    this.readOn();
  }

  /** Only while there is room: another lane may need it more. */
  private readOn(): void {
    const { reading, end } = this.last ?? {};
    if (!reading || !end?.more || this.ahead.length >= MOST_AHEAD) return;
    if (reading.lane.driver.isPaced) return; // it would only wait
    const release = this.options.slots.tryTake();
    if (!release) return;
    const { lane, tableIndex } = reading;
    this.ahead.push(this.begin(lane, { tableIndex, afterKey: end.lastKey }, release));
  }

  private async read(
    lane: ReadingLane,
    place: ChunkPlace & { readonly limit: number },
    signal: AbortSignal,
  ): Promise<Chunk> {
    const { source, slots } = this.options;
    const table = this.table(place.tableIndex);
    const columns = await this.columnsOf(table);
    const select = chunkSelect(table, { columns, afterKey: place.afterKey, limit: place.limit });
    const memory = slots.memory();
    const read = await readVisible(lane, () => source.copy(select, memory), { source, signal });
    const last = lastLine(read.bytes);
    const decoder = new CopyLineDecoder(columns, table.keyColumns, null);
    const lastKey = last === undefined ? null : decodeKey(fromByteString(decoder.key(last)), table.keyColumns.length);
    return { ...read, table, columns, lastKey, more: read.cut || read.rows >= place.limit };
  }

  private limit(lane: ReadingLane, { afterKey }: ChunkPlace): number {
    const { chunkRows } = this.options;
    return lane.driver.rowsAtOnce(afterKey === null ? Math.ceil(chunkRows / FIRST_CHUNK_PART) : chunkRows);
  }

  private table(index: number): ReadTable {
    const table = this.options.tables[index];
    if (!table) throw new Error(`the copy stands at table ${index}, which this data set does not have`);
    return table;
  }
}

function isAt(reading: ChunkPlace, place: ChunkPlace): boolean {
  return reading.tableIndex === place.tableIndex && encodedKey(reading) === encodedKey(place);
}

function encodedKey({ afterKey }: ChunkPlace): string | null {
  return afterKey && encodeKey(afterKey);
}
