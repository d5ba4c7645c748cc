import { fromByteString } from '@astro/sync-core';
import { lastLine, linesOf, type CopyBytes } from '../../copy/copy-bytes.js';
import { CopyLineDecoder } from '../../copy/copy-line.js';
import type { ReadSlots, Release } from '../../copy/read-slots.js';
import { askInHalves, keyTexts } from '../../lane/key-batches.js';
import type { SourceSession } from '../../source/source-session.js';
import {
  chunkSelect,
  existingKeysSelect,
  keysInSpanSelect,
  type Columns,
  type ReadTable,
} from '../../source/table-queries.js';
import type { RedisTable } from '../../targets/redis/redis-target.js';
import type { VerifyRange } from '../model.js';
import { tableOf } from '../tables.js';
import { ExpectedPacker } from './expected-packer.js';
import { keyAt, type ExpectedPage } from './expected-page.js';
import type { KnownKeys } from './extras.js';
import type { ExpectedPages } from './redis-walk.js';

const KEYS_PER_READ = 50_000;
const MAX_PAGE_BYTES = 8 * 1024 * 1024;
const [TAB, NEWLINE, BACKSLASH] = [0x09, 0x0a, 0x5c];

export interface FlatPagesOptions {
  /** Of its own. */
  readonly session: SourceSession;
  readonly tables: readonly ReadTable[];
  readonly chunkRows: number;
  /** Shared by all lanes of the process. */
  readonly slots: ReadSlots;
}

interface Reading {
  readonly packer: ExpectedPacker;
  readonly limit: number;
  readonly cut: Promise<boolean>;
  readonly release: Release | null;
}

/** Rows as the documents that CacheDB must hold. */
export class FlatPages implements ExpectedPages {
  constructor(private readonly options: FlatPagesOptions) {}

  async *pages(range: VerifyRange, target: RedisTable, signal: AbortSignal): AsyncGenerator<ExpectedPage> {
    const table = tableOf(this.options.tables, range.tableId);
    const columns = await this.options.session.columns(table);
    const width = table.keyColumns.length;
    const packers = [1, 2].map(() => new ExpectedPacker(columns, target, MAX_PAGE_BYTES));
    let limit = this.options.chunkRows;
    const read = (afterKey: readonly string[] | null, release: Release | null): Reading => {
      const packer = packers.reverse()[0] as ExpectedPacker;
      packer.begin();
      const select = chunkSelect(table, { columns, afterKey, toKey: range.to, limit });
      const cut = this.options.session.bulkInto(select, packer);
      cut.catch(() => undefined); // reported when it is awaited
      return { packer, limit, cut, release };
    };
    let ahead: Reading | null = read(range.from, null);
    try {
      while (ahead) {
        signal.throwIfAborted();
        const now: Reading = ahead;
        const cut: boolean = await now.cut;
        now.release?.();
        ahead = null;
        const page = now.packer.end();
        if (cut) limit = Math.max(1, Math.floor(page.count * 0.8)); // a reading that is cut costs a connection
        const isLast = !cut && page.count < now.limit;
        const after = isLast ? null : keyTexts(keyAt(page, page.count - 1), width);
        const room = after && this.options.slots.tryTake();
        if (room) ahead = read(after, room);
        yield page;
        if (after) ahead ??= read(after, null);
      }
    } finally {
      ahead?.release?.();
    }
  }

  keys(tableId: number): KnownKeys {
    const table = tableOf(this.options.tables, tableId);
    return new FlatKeys(this.options.session, table);
  }

  close(): Promise<void> {
    return this.options.session.close();
  }
}

function lastKey(bytes: CopyBytes, decoder: CopyLineDecoder, table: ReadTable): readonly string[] | null {
  const line = lastLine(bytes);
  if (line === undefined) return null;
  return keyTexts(fromByteString(decoder.key(line)), table.keyColumns.length);
}

/** The keys of a source table. */
export class FlatKeys implements KnownKeys {
  private readonly decoder: CopyLineDecoder;

  constructor(
    private readonly session: SourceSession,
    private readonly table: ReadTable,
  ) {
    const columns: Columns = table.keyColumns.map((name) => ({ name, typeOid: 0 }));
    this.decoder = new CopyLineDecoder(columns, table.keyColumns, null);
  }

  async each(add: (bytes: Buffer, start: number, end: number) => void, signal: AbortSignal): Promise<void> {
    let afterKey: readonly string[] | null = null;
    for (;;) {
      signal.throwIfAborted();
      const { bytes, rows, cut } = await this.session.bulk(keysInSpanSelect(this.table, { afterKey }, KEYS_PER_READ));
      this.addAll(bytes, add);
      if (!cut && rows < KEYS_PER_READ) return;
      afterKey = lastKey(bytes, this.decoder, this.table);
    }
  }

  async existing(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const width = this.table.keyColumns.length;
    const possible = keys.filter((key) => keyTexts(key, width) !== null);
    const found = await askInHalves(possible, async (part) => {
      const texts = part.map((key) => keyTexts(key, width) ?? []);
      const { bytes } = await this.session.bulk(existingKeysSelect(this.table, texts));
      return linesOf(bytes).map((line) => fromByteString(this.decoder.key(line)));
    });
    return new Set(found.flat());
  }

  /** A key of one column that needs no decoding is added as it stands there. */
  private addAll(bytes: CopyBytes, add: (bytes: Buffer, start: number, end: number) => void): void {
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(NEWLINE, start);
      const row = bytes.subarray(start, end);
      if (row.includes(TAB) || row.includes(BACKSLASH)) {
        const key = Buffer.from(this.decoder.key(row.toString('latin1')), 'latin1');
        add(key, 0, key.length);
      } else add(bytes, start, end);
      start = end + 1;
    }
  }
}
