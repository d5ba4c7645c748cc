import { fromByteString, type LaneChange, type Lsn } from '@astro/sync-core';
import { linesOf } from '../copy/copy-bytes.js';
import { CopyLineDecoder } from '../copy/copy-line.js';
import { askInHalves, keyTexts } from '../lane/key-batches.js';
import { readVisible, type Visible } from '../lane/strategy-tools.js';
import type { SourceSession } from '../source/source-session.js';
import { keysSelect, type Columns, type ReadTable } from '../source/table-queries.js';
import type { Documents, SourceSide, Touched } from './sides.js';
import { boundaryKey, tableOf } from './tables.js';

const MAX_KEYS_AT_ONCE = 500;
const AIM_BYTES = 4 * 1024 * 1024;

interface KeysQuery {
  readonly table: ReadTable;
  readonly columns: Columns;
  readonly visible: Visible;
}

/** Rows are the documents. */
export class FlatSource implements SourceSide {
  private averageBytes = 0;

  /** @param session of its own: what it asks must not wait behind the rows of a walk */
  constructor(
    private readonly session: SourceSession,
    readonly tables: readonly ReadTable[],
  ) {}

  get keysAtOnce(): number {
    return Math.max(1, Math.min(MAX_KEYS_AT_ONCE, Math.floor(AIM_BYTES / (this.averageBytes + 1))));
  }

  boundary(tableId: number, afterKey: readonly string[] | null, rows: number): Promise<readonly string[] | null> {
    return boundaryKey(this.session, { table: tableOf(this.tables, tableId), span: { afterKey }, rows });
  }

  async documents(tableId: number, keys: readonly string[], visible: Visible): Promise<Documents> {
    const table = tableOf(this.tables, tableId);
    // Asked for again each time: a comparison by columns that have changed would invent differences.
    const columns = await this.session.columns(table);
    const possible = keys.filter((key) => keyTexts(key, table.keyColumns.length) !== null);
    const found = await askInHalves(possible, (part) => this.read(part, { table, columns, visible }));
    const documents = new Map<string, string | null>(keys.map((key) => [key, null]));
    for (const [key, document] of found.flat()) documents.set(key, document);
    return documents;
  }

  touched(tableId: number, changes: readonly LaneChange[]): Promise<Touched> {
    const keys = new Set<string>();
    for (const change of changes) {
      if (change.tableId !== tableId) continue;
      if (change.op === 'truncate' || change.op === 'relation') return Promise.resolve('all');
      keys.add(change.key);
      if (change.oldKey !== null) keys.add(change.oldKey);
    }
    return Promise.resolve(keys);
  }

  watermark(): Promise<Lsn> {
    return this.session.watermark();
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** Those of the keys that exist. A reading that was cut is asked for again in two parts: it must be complete (P13). */
  private async read(keys: readonly string[], query: KeysQuery): Promise<[string, string][]> {
    const { table, columns, visible } = query;
    const width = table.keyColumns.length;
    const select = keysSelect(
      table,
      columns,
      keys.map((key) => keyTexts(key, width) ?? []),
    );
    const { bytes, cut } = await readVisible(visible, () => this.session.copy(select), { source: this.session });
    this.averageBytes = bytes.length / keys.length;
    if (cut && keys.length > 1) {
      const middle = Math.ceil(keys.length / 2);
      return [...(await this.read(keys.slice(0, middle), query)), ...(await this.read(keys.slice(middle), query))];
    }
    const decoder = new CopyLineDecoder(columns, table.keyColumns, null);
    return linesOf(bytes).map((line) => {
      const { key, document } = decoder.decode(line);
      return [fromByteString(key), fromByteString(document)];
    });
  }
}
