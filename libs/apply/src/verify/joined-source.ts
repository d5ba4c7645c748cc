import type { LaneChange, Lsn } from '@astro/sync-core';
import type { JoinedStrategy } from '../lane/joined-strategy.js';
import { askInHalves } from '../lane/key-batches.js';
import type { Visible } from '../lane/strategy-tools.js';
import type { SourceSession } from '../source/source-session.js';
import type { ReadTable } from '../source/table-queries.js';
import type { Documents, SourceSide, Touched } from './sides.js';
import { boundaryKey } from './tables.js';

/** Documents are the result of a query by root key; how it is asked is the lane's own way. */
export class JoinedSource implements SourceSide {
  readonly tables: readonly ReadTable[];

  get keysAtOnce(): number {
    return this.strategy.keysAtOnce;
  }

  /** @param strategy on the same session, which is its own */
  constructor(
    private readonly session: SourceSession,
    private readonly strategy: JoinedStrategy,
    private readonly root: ReadTable,
  ) {
    this.tables = [root];
  }

  boundary(_tableId: number, afterKey: readonly string[] | null, rows: number): Promise<readonly string[] | null> {
    return boundaryKey(this.session, { table: this.root, span: { afterKey }, rows });
  }

  async documents(_tableId: number, keys: readonly string[], visible: Visible): Promise<Documents> {
    const found = await askInHalves(keys, (part) => this.strategy.documentsOf(part, visible));
    const documents = new Map<string, string | null>(keys.map((key) => [key, null]));
    for (const part of found) for (const [key, document] of part) documents.set(key, document);
    return documents;
  }

  async touched(_tableId: number, changes: readonly LaneChange[], visible: Visible): Promise<Touched> {
    if (changes.some((change) => this.strategy.needsCopy(change) !== null)) return 'all';
    const xids = [...new Set(changes.map(({ xid }) => xid))];
    return new Set(await this.strategy.rootKeys(changes, visible, xids));
  }

  watermark(): Promise<Lsn> {
    return this.session.watermark();
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
