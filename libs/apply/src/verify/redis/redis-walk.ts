import type { Redis } from 'ioredis';
import type { ReadSlots } from '../../copy/read-slots.js';
import type { RedisTable, RedisTargetOptions } from '../../targets/redis/redis-target.js';
import type { VerifyRange, WalkStep } from '../model.js';
import type { Walk } from '../sides.js';
import { AnswerMatcher, type StoredForms } from './answer-matcher.js';
import { forEachKey, isDocument, keyAt, type ExpectedPage } from './expected-page.js';
import { findExtras, tallyHeld, type ExtrasOptions, type KnownKeys } from './extras.js';
import { KeyTally, randomSeed } from './key-tally.js';
import { RawRedis } from './raw-redis.js';
import { StoredForm } from '../../targets/redis/stored-form.js';

/** Larger documents, as they are stored, are looked at one by one afterwards. */
const MAX_STORED_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface RedisWalkOptions extends Pick<RedisTargetOptions, 'tables' | 'compressOverBytes'> {
  /** Connections are made like this one. */
  readonly redis: Redis;
  /** Shared by all lanes of the process: chunks in memory. */
  readonly slots: ReadSlots;
}

/** Reads what the source has. */
export interface ExpectedPages {
  /** In key order; the next page may be read while the one before is compared. */
  pages(range: VerifyRange, table: RedisTable, signal: AbortSignal): AsyncIterable<ExpectedPage>;
  keys(tableId: number): KnownKeys;
  close(): Promise<void>;
}

/** Goes over documents in CacheDB: asks for the documents of a page of rows and compares the answers as bytes. */
export class RedisWalk implements Walk {
  readonly needsExtras = true;
  /** One question at a time each. */
  private readonly connections = new Map<'documents' | 'keys', RawRedis>();
  private readonly form: StoredForm;

  constructor(
    private readonly source: ExpectedPages,
    private readonly options: RedisWalkOptions,
  ) {
    this.form = new StoredForm(options.compressOverBytes);
  }

  range(range: VerifyRange, signal: AbortSignal): AsyncGenerator<WalkStep> {
    return this.compare(range, signal, () => undefined);
  }

  async *extras(tableId: number, signal: AbortSignal): AsyncGenerator<WalkStep> {
    const options = this.extrasOptions(tableId, signal);
    const held = await tallyHeld(options);
    const wanted = new KeyTally(options.seed);
    await options.known.each((bytes, start, end) => wanted.add(bytes, start, end), signal);
    for await (const suspects of findExtras(held, wanted, options)) yield { rows: 0, same: 0, suspects };
  }

  /** The keys of CacheDB are summed up while the rows are compared, and the rows' own on the way. */
  async *whole(tableId: number, signal: AbortSignal): AsyncGenerator<WalkStep> {
    const ended = new AbortController();
    const options = this.extrasOptions(tableId, AbortSignal.any([signal, ended.signal]));
    const wanted = new KeyTally(options.seed);
    const summing = tallyHeld(options);
    summing.catch(() => undefined); // reported when it is awaited
    try {
      yield* this.compare({ kind: 'range', tableId, from: null, to: null }, signal, (page) =>
        forEachKey(page, (bytes, start, end) => wanted.add(bytes, start, end)),
      );
      const held = await summing;
      for await (const suspects of findExtras(held, wanted, options)) yield { rows: 0, same: 0, suspects };
    } finally {
      ended.abort();
    }
  }

  async close(): Promise<void> {
    for (const raw of this.connections.values()) raw.close();
    this.connections.clear();
    await this.source.close();
  }

  private async *compare(
    range: VerifyRange,
    signal: AbortSignal,
    look: (page: ExpectedPage) => void,
  ): AsyncGenerator<WalkStep> {
    const { slots } = this.options;
    let release = await slots.take(signal);
    try {
      for await (const page of this.source.pages(range, this.table(range.tableId), signal)) {
        signal.throwIfAborted();
        const asked = this.different(page);
        look(page);
        const step = this.stepOf(page, await asked);
        release(); // whoever settles suspects waits for a lane, which may need a slot itself
        yield step;
        release = await slots.take(signal);
      }
    } finally {
      release();
    }
  }

  private extrasOptions(tableId: number, signal: AbortSignal): ExtrasOptions {
    const { keyPrefix } = this.table(tableId);
    const raw = (): Promise<RawRedis> => this.connection('keys');
    return { raw, keyPrefix, known: this.source.keys(tableId), seed: randomSeed(), signal };
  }

  private async different(page: ExpectedPage): Promise<readonly number[]> {
    if (page.count === 0) return [];
    const matcher = new AnswerMatcher(page, this.formsOf(page));
    await (await this.connection('documents')).ask(page.command, matcher);
    return matcher.different;
  }

  private stepOf(page: ExpectedPage, different: readonly number[]): WalkStep {
    const suspects = different.map((index) => keyAt(page, index));
    const wrong = different.filter((index) => isDocument(page, index)).length;
    return { rows: page.documents, same: page.documents - wrong, suspects };
  }

  /** Where documents are compressed, those that must be are made unequal to any answer, so that each is looked at. */
  private formsOf({ answer, starts, count }: ExpectedPage): StoredForms | null {
    if (this.options.compressOverBytes === null) return null;
    for (let i = 0; i < count; i++) {
      const start = starts[i] as number;
      const length = Number(answer.toString('latin1', start + 1, answer.indexOf(NEWLINE, start) - 1));
      if (this.form.isCompressed(length)) answer[start] = 0;
    }
    return {
      maxBytes: MAX_STORED_BYTES,
      isSame: (stored, document) => this.form.compare(stored, document) === 'same',
    };
  }

  private async connection(use: 'documents' | 'keys'): Promise<RawRedis> {
    const open = this.connections.get(use);
    if (open?.isUsable) return open;
    const raw = await RawRedis.open(this.options.redis);
    this.connections.set(use, raw);
    return raw;
  }

  private table(tableId: number): RedisTable {
    const table = this.options.tables.find((one) => one.tableId === tableId);
    if (!table) throw new Error(`table ${tableId} has no documents of its own in this data set`);
    return table;
  }
}
