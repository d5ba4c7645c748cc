import { gzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import { PoisonError } from '@astro/sync-core';
import { linesOf, partsOf, type CopyBytes } from '../../copy/copy-bytes.js';
import { CopyLineDecoder } from '../../copy/copy-line.js';
import type { PackedTable } from '../../copy/kernel/row-layout.js';
import { PackedDocuments } from '../../copy/packed-documents.js';
import type { Comparison, KeyState, RowChunk, StateMove, Target, TargetBatch, WriteOptions } from '../target.js';
import { completed, selectFields } from './document-fields.js';
import { GuardedWriter } from './guarded-writer.js';
import { SetCommand } from '../../copy/set-command.js';
import { StoredForm, plainOf } from './stored-form.js';

export interface RedisTable extends PackedTable {
  readonly tableId: number;
}

export interface RedisTargetOptions {
  readonly lane: string;
  /** Prefix of every key of the data set; its hash tag puts state and documents into one slot. */
  readonly keyPrefix: string;
  readonly tables: readonly RedisTable[];
  /** Documents of more bytes are stored gzip-compressed, recognizable by their first bytes 1f 8b; null: never. */
  readonly compressOverBytes: number | null;
  /** Kept up to date for metrics. */
  readonly compression?: { rawBytes: number; storedBytes: number };
}

/** Old documents of more bytes, as they are stored, are not read for one batch: they would fill the memory. */
const MAX_CARRIED_BYTES = 16 * 1024 * 1024;
const MAX_SPARE_BYTES = 8 * 1024 * 1024;
const MAX_PACK_BYTES = 4 * 1024 * 1024;
/** Of COPY text: large enough for few round trips, small enough to keep no reader of CacheDB waiting for long. */
const PART_BYTES = 512 * 1024;
/** Equal to no document. */
const NO_TEXT = Buffer.alloc(0);
const NO_MEMORY: Buffer = Buffer.alloc(0);
const SCAN_COUNT = 1000;
const COMPARED_AT_ONCE = 500;
/** Redis refuses larger strings. */
const MAX_DOCUMENT_BYTES = 512 * 1024 * 1024;
/** A control byte is six in JSON. */
const MAX_JSON_GROWTH = 6;

/**
 * A connection for one lane: it fails at once while it is not connected, and repeats nothing by itself, because the
 * guard of a write ends with the connection (see {@link GuardedWriter}).
 */
export function laneConnection(redis: Redis): Redis {
  return redis.duplicate({ enableOfflineQueue: false, autoResendUnfulfilledCommands: false });
}

/** CacheDB as a target: one JSON document per row. See {@link Target} for its promises. */
export class RedisTarget implements Target {
  private readonly stateKey: string;
  private readonly tables: ReadonlyMap<number, RedisTable>;
  private readonly writer: GuardedWriter;
  /** Memory of the last write, for the next one. */
  private spare: SetCommand | null = null;
  /** One is filled while CacheDB takes the other. */
  private readonly packMemory = [NO_MEMORY, NO_MEMORY];
  private readonly form: StoredForm;

  /** @param redis a connection of the lane's own, made by {@link laneConnection} */
  constructor(
    private readonly redis: Redis,
    private readonly options: RedisTargetOptions,
  ) {
    this.stateKey = `sync:lane:${options.keyPrefix}`;
    this.tables = new Map(options.tables.map((table) => [table.tableId, table]));
    this.form = new StoredForm(options.compressOverBytes);
    this.writer = new GuardedWriter(redis, this.stateKey, options.lane);
  }

  async readState(): Promise<string | null> {
    await this.writer.ready();
    return this.redis.get(this.stateKey);
  }

  /** A part of a transaction is written like a whole one: CacheDB has no open transactions. */
  async write(batch: TargetBatch, move: StateMove, { onIncomplete }: WriteOptions): Promise<void> {
    const start = await this.deleteAll(batch.truncated, move);
    const incomplete: KeyState[] = [];
    const set = this.takeCommand();
    const remove: string[] = [];
    const carried = batch.states.filter((state) => state.carry !== null);
    const documents = carried.length > 0 ? await this.completed(carried) : new Map<KeyState, string>();
    for (const state of batch.states) {
      const document = state.carry ? documents.get(state) : state.document;
      if (document === undefined) incomplete.push(state);
      else if (document === null) remove.push(this.keyOf(state));
      else set.add(this.keyOf(state), this.stored(state, document));
    }
    if (incomplete.length > 0) await onIncomplete(incomplete);
    await this.writer.write({ sets: oneOf(set.toBuffer()), remove }, { expected: start, next: move.next });
    this.keepCommand(set); // CacheDB has answered, so its bytes have left
  }

  private takeCommand(): SetCommand {
    const set = this.spare ?? new SetCommand('utf8');
    this.spare = null;
    set.clear();
    return set;
  }

  private keepCommand(set: SetCommand): void {
    if (set.capacityBytes <= MAX_SPARE_BYTES) this.spare = set;
  }

  async writeRows(chunk: RowChunk, move: StateMove): Promise<void> {
    const isWhole =
      this.options.compressOverBytes === null && chunk.bytes.length < MAX_DOCUMENT_BYTES / MAX_JSON_GROWTH;
    if (isWhole) await this.writePacked(chunk, move);
    else await this.writeOneByOne(chunk, move);
  }

  /**
   * In parts, each a transaction of its own under the same guard: CacheDB takes one while the next one is made, and
   * keeps no reader waiting for long. The state moves with the last one, so a crash half way repeats them all.
   */
  private async writePacked(chunk: RowChunk, move: StateMove): Promise<void> {
    const packer = new PackedDocuments(chunk.columns, this.table(chunk.tableId));
    const parts = partsOf(chunk.bytes, PART_BYTES);
    const sets = parts.map((part) => () => this.pack(packer, part, chunk.longestRowBytes));
    await this.writer.write({ sets, remove: [] }, move);
  }

  /** In the memory that the last but one was in, which CacheDB has by now. */
  private pack(packer: PackedDocuments, part: CopyBytes, longestRowBytes: number): Buffer {
    const set = packer.pack(part, longestRowBytes, this.packMemory.shift());
    const isSpare = set.buffer.byteLength <= MAX_PACK_BYTES;
    this.packMemory.push(isSpare ? Buffer.from(set.buffer) : NO_MEMORY);
    return set;
  }

  /** Where each document is looked at by itself: to compress it, or because it may be too large for Redis. */
  private async writeOneByOne(chunk: RowChunk, move: StateMove): Promise<void> {
    const table = this.table(chunk.tableId);
    const decoder = new CopyLineDecoder(chunk.columns, table.keyColumns, table.columns);
    const set = new SetCommand('latin1');
    const prefix = Buffer.from(table.keyPrefix, 'utf8').toString('latin1');
    for (const line of linesOf(chunk.bytes)) {
      const { key, document } = decoder.decode(line);
      set.add(prefix + key, this.compressed(key, document, 'latin1'));
    }
    await this.writer.write({ sets: oneOf(set.toBuffer()), remove: [] }, move);
  }

  async isEmpty(): Promise<boolean> {
    for (const { tableId } of this.options.tables) {
      for await (const page of this.keys(tableId)) if (page.length > 0) return false;
    }
    return true;
  }

  async *keys(tableId: number): AsyncGenerator<readonly string[]> {
    const { keyPrefix } = this.table(tableId);
    const match = `${keyPrefix.replace(/[*?[\]\\]/g, '\\$&')}*`;
    await this.writer.ready();
    let cursor = '0';
    do {
      const [next, keys] = await this.redis.scan(cursor, 'MATCH', match, 'COUNT', SCAN_COUNT);
      cursor = next;
      if (keys.length > 0) yield keys.map((key) => key.slice(keyPrefix.length));
    } while (cursor !== '0');
  }

  async compare(states: readonly KeyState[]): Promise<Comparison> {
    const found = { inserted: 0, changed: 0, same: 0, removed: 0 };
    await this.writer.ready();
    for (let start = 0; start < states.length; start += COMPARED_AT_ONCE) {
      const page = states.slice(start, start + COMPARED_AT_ONCE);
      for (const [state, held] of await this.held(page)) found[this.difference(state, held)]++;
    }
    return found;
  }

  /** What is stored under each key. What is stored and is no text is empty here: MGET says nothing of it. */
  private async held(states: readonly KeyState[]): Promise<(readonly [KeyState, Buffer | null])[]> {
    const keys = states.map((state) => this.keyOf(state));
    const texts = await this.redis.mgetBuffer(keys);
    const silent = keys.filter((_key, i) => texts[i] === null);
    if (silent.length > 0 && (await this.redis.exists(silent)) > 0) {
      const counts = await Promise.all(silent.map((key) => this.redis.exists(key)));
      const there = new Set(silent.filter((_key, i) => counts[i] !== 0));
      for (const [i, key] of keys.entries()) if (there.has(key)) texts[i] ??= NO_TEXT;
    }
    return states.map((state, i) => [state, texts[i] ?? null]);
  }

  private difference(state: KeyState, held: Buffer | null): keyof Comparison {
    const { columns } = this.table(state.tableId);
    if (state.document === null) return held === null ? 'same' : 'removed';
    if (held === null) return 'inserted';
    const document = columns === null ? state.document : selectFields(state.document, columns);
    return this.form.compare(held, Buffer.from(document, 'utf8')) === 'same' ? 'same' : 'changed';
  }

  reset(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Removes the tables' documents step by step, each only while the state is still the expected one: a worker that was
   * overtaken removes nothing (W37). A crash half way repeats it, because the state has not moved.
   * @returns the state now, which the write that follows must expect
   */
  private async deleteAll(tableIds: readonly number[], { expected, next }: StateMove): Promise<string | null> {
    let state = expected;
    for (const tableId of tableIds) {
      const { keyPrefix } = this.table(tableId);
      for await (const page of this.keys(tableId)) {
        const remove = page.map((key) => keyPrefix + key);
        await this.writer.write({ sets: [], remove }, { expected: state, next: state ?? next });
        state ??= next;
      }
    }
    return state;
  }

  /**
   * Documents completed from what is stored under the keys they come from; without an entry where nothing is. More
   * than a bounded amount is not read at once: the rest counts as incomplete and is fetched from the source.
   */
  private async completed(states: readonly KeyState[]): Promise<Map<KeyState, string>> {
    const documents = new Map<KeyState, string>();
    const sources = states.map((state) => this.sourceKey(state));
    const lengths = await Promise.all(sources.map((key) => this.redis.strlen(key)));
    const found = await this.redis.mgetBuffer(sources.slice(0, countWithin(lengths, MAX_CARRIED_BYTES)));
    found.forEach((stored, i) => {
      const state = states[i] as KeyState;
      const text = stored === null ? null : readable(stored);
      if (text !== null) documents.set(state, completed(state, text));
    });
    return documents;
  }

  private sourceKey({ tableId, carry }: KeyState): string {
    return this.table(tableId).keyPrefix + (carry?.fromKey ?? '');
  }

  private keyOf(state: KeyState): string {
    return this.table(state.tableId).keyPrefix + state.key;
  }

  private table(tableId: number): RedisTable {
    const table = this.tables.get(tableId);
    if (!table) throw new Error(`table ${tableId} is not part of lane ${this.options.lane}`);
    return table;
  }

  private stored({ tableId, key }: KeyState, document: string): string | Buffer {
    const { columns } = this.table(tableId);
    const cut = columns === null ? document : selectFields(document, columns);
    return this.compressed(key, cut, 'utf8');
  }

  private compressed(key: string, document: string, encoding: 'utf8' | 'latin1'): string | Buffer {
    const { compressOverBytes, compression } = this.options;
    if (document.length > MAX_DOCUMENT_BYTES) {
      throw new PoisonError(`The document of key ${key} is larger than the 512 MB that Redis takes.`);
    }
    if (compressOverBytes === null || Buffer.byteLength(document, encoding) <= compressOverBytes) return document;
    const raw = Buffer.from(document, encoding);
    const compressed = gzipSync(raw);
    if (compression) {
      compression.rawBytes += raw.length;
      compression.storedBytes += compressed.length;
    }
    return compressed;
  }
}

/** How many of the first lengths fit, but at least one. */
function countWithin(lengths: readonly number[], maxBytes: number): number {
  let bytes = 0;
  for (const [i, length] of lengths.entries()) {
    bytes += length;
    if (bytes > maxBytes && i > 0) return i;
  }
  return lengths.length;
}

/** Null when it is not what the lane wrote: somebody may have damaged it. */
function readable(stored: Buffer): string | null {
  const text = plainOf(stored, MAX_DOCUMENT_BYTES / 2)?.toString('utf8') ?? null;
  try {
    if (text !== null) JSON.parse(text);
    return text;
  } catch {
    return null;
  }
}

function oneOf(set: Buffer | null): readonly (() => Buffer)[] {
  return set ? [() => set] : [];
}
