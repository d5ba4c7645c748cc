import { encodeKey } from '@astro/sync-core';
import { linesOf } from '../../copy/copy-bytes.js';
import { RecentXids } from '../../lane/applied-log.js';
import type { JoinedStrategy } from '../../lane/joined-strategy.js';
import type { SourceSession } from '../../source/source-session.js';
import { keysInSpanSelect, type ReadTable } from '../../source/table-queries.js';
import type { RedisTable } from '../../targets/redis/redis-target.js';
import type { VerifyRange } from '../model.js';
import { lineTexts } from '../tables.js';
import { pageOf, type ExpectedPage } from './expected-page.js';
import type { KnownKeys } from './extras.js';
import { FlatKeys } from './flat-pages.js';
import type { ExpectedPages } from './redis-walk.js';

/** A first look needs no certain snapshot: what it finds is looked at again. */
const ANYTHING = { recentXids: new RecentXids([], 1) };

/** Documents of a joined data set as CacheDB must hold them. */
export class JoinedPages implements ExpectedPages {
  /** @param strategy on the same session, which is its own */
  constructor(
    private readonly session: SourceSession,
    private readonly strategy: JoinedStrategy,
    private readonly root: ReadTable,
  ) {}

  async *pages(range: VerifyRange, { keyPrefix }: RedisTable, signal: AbortSignal): AsyncGenerator<ExpectedPage> {
    let afterKey = range.from;
    for (;;) {
      signal.throwIfAborted();
      const limit = this.strategy.keysAtOnce;
      const select = keysInSpanSelect(this.root, { afterKey, toKey: range.to }, limit);
      const { bytes, rows, cut } = await this.session.bulk(select);
      const texts = linesOf(bytes).map((line) => lineTexts(line));
      const keys = texts.map((text) => encodeKey(text));
      const documents = await this.strategy.documentsOf(keys, ANYTHING);
      yield pageOf(
        keyPrefix,
        keys.map((key) => [key, documents.get(key) ?? null]),
      );
      if (!cut && rows < limit) return;
      afterKey = texts[texts.length - 1] ?? null;
    }
  }

  keys(): KnownKeys {
    return new FlatKeys(this.session, this.root);
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
