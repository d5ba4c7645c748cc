import {
  LSN_ZERO,
  DocumentEncoder,
  assertNever,
  encodeKey,
  fieldText,
  jsonString,
  splitDocument,
  decodeKey,
  fromByteString,
  type ByteString,
  type CopyProgress,
  type LaneChange,
  type TableKey,
} from '@astro/sync-core';
import { linesOf } from '../copy/copy-bytes.js';
import { copyValues } from '../copy/copy-line.js';
import type { ReadSlots } from '../copy/read-slots.js';
import type { SnapshotRows, SourceSession } from '../source/source-session.js';
import { rootKeysSelect, type ReadTable } from '../source/table-queries.js';
import type { KeyState, TargetBatch } from '../targets/target.js';
import { askInHalves } from './key-batches.js';
import type { Lane } from './lane.js';
import type { Fetched, KeysOfTable, LaneStrategy } from './lane-strategy.js';
import { afterTable, keyRange, readVisible, type Visible } from './strategy-tools.js';

/** How a change of one table leads to root keys. */
export type RootLookup =
  | { readonly kind: 'key' }
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'query'; readonly of: string; readonly query: string };

export interface JoinedStrategyOptions {
  readonly source: SourceSession;
  readonly root: ReadTable;
  /** By table id; the root table's own is `key`. */
  readonly lookups: ReadonlyMap<number, RootLookup>;
  readonly query: string;
  readonly nested: ReadonlySet<string>;
  readonly chunkRows: number;
  /** Shared by all lanes of the process. */
  readonly slots: ReadSlots;
}

const MAX_KEYS_PER_QUERY = 1000;
const FIRST_KEYS_PER_QUERY = 100;
const AIM_BYTES_PER_QUERY = 4 * 1024 * 1024;
/** A change that touches more than this many queries' worth of documents writes them in steps before the position moves. */
const MAX_QUERIES_AT_ONCE = 4;

/**
 * Documents are the rows of a query, rebuilt from the source whenever a table that it reads changes. A rebuild uses
 * only a snapshot that sees everything the lane has applied, so documents never go back (P4, W10).
 */
export class JoinedStrategy implements LaneStrategy {
  /** Adapts to the size of the documents, so that one query's answer stays small. */
  private keysPerQuery = FIRST_KEYS_PER_QUERY;

  constructor(private readonly options: JoinedStrategyOptions) {}

  needsCopy({ op }: LaneChange): string | null {
    if (op === 'relation') return 'the columns of a source table changed';
    return op === 'truncate' ? 'a source table was truncated' : null;
  }

  async build(changes: readonly LaneChange[], lane: Lane): Promise<TargetBatch> {
    const xids = [...new Set(changes.map((change) => change.xid))];
    const keys = await this.rootKeys(changes, lane, xids);
    const states: KeyState[] = [];
    for (const page of this.pages(keys)) {
      states.push(...(await this.rebuild(lane, page(), xids)));
      if (states.length < this.keysPerQuery * MAX_QUERIES_AT_ONCE) continue;
      await lane.moveTo(lane.current(), { truncated: [], states: states.splice(0) });
    }
    return { truncated: [], states };
  }

  get sweptTables(): readonly number[] {
    return [this.options.root.id];
  }

  copyStep(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void> {
    return this.copyInSlot(lane, copy, signal);
  }

  /** A rebuild uses a snapshot that sees everything the lane has applied: streaming first is all the care it needs. */
  async missing(lane: Lane, { keys }: KeysOfTable, signal: AbortSignal): Promise<readonly string[]> {
    await lane.streamPast(LSN_ZERO, signal);
    const states = await this.rebuildPossible(lane, keys);
    return states.filter(({ document }) => document === null).map(({ key }) => key);
  }

  async fetch(lane: Lane, keys: readonly TableKey[], signal: AbortSignal): Promise<Fetched> {
    await lane.streamPast(LSN_ZERO, signal);
    return { states: await this.rebuildPossible(lane, [...new Set(keys.map(({ key }) => key))]), left: [] };
  }

  rest(): void {
    // nothing is read ahead
  }

  async reset(): Promise<void> {
    await this.options.source.close();
  }

  private async copyInSlot(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void> {
    const release = await this.options.slots.take();
    try {
      await this.copyChunk(lane, copy, signal);
    } finally {
      release();
    }
  }

  private async copyChunk(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void> {
    const { root, chunkRows, source } = this.options;
    const startedAtMs = Date.now();
    const limit = lane.driver.rowsAtOnce(Math.min(chunkRows, this.keysPerQuery * MAX_QUERIES_AT_ONCE));
    const { bytes, cut } = await source.copy(rootKeysSelect(root, copy.afterKey, limit));
    const keys = linesOf(bytes).map((line) => keyOf(copyValues(line)));
    await lane.streamPast(LSN_ZERO, signal);
    if (lane.current().copy?.id !== copy.id) return; // a new copy began while this one streamed
    const states = await this.rebuildAll(lane, keys);
    const last = keys[keys.length - 1];
    const rows = copy.rows + states.length;
    const more = cut || keys.length >= limit;
    const next =
      more && last !== undefined
        ? { ...copy, rows, afterKey: decodeKey(last, root.keyColumns.length) }
        : afterTable({ ...copy, rows }, 1);
    await lane.copyStates({ ...lane.current(), copy: next }, states);
    await lane.deps.journal.copied({
      copyId: copy.id,
      jobType: 'copy',
      entityType: `${root.table.schema}.${root.table.name}`,
      entityId: keyRange(keys[0], last),
      rows: states.length,
      removed: 0,
      startedAtMs,
    });
  }

  /** The root keys whose documents the changes may alter. @param xids of transactions that the lookups must see, too */
  async rootKeys(changes: readonly LaneChange[], visible: Visible, xids: readonly number[]): Promise<string[]> {
    const keys = new Set<string>();
    const asked = new Map<string, Set<string>>();
    for (const change of changes) this.noteKeys(change, keys, asked);
    for (const [query, values] of asked) {
      const { source } = this.options;
      const found = await readVisible(visible, () => source.rows(query, [...values]), { source, extra: xids });
      for (const row of found.rows) keys.add(row[0] as string);
    }
    return [...keys];
  }

  /** Root keys that the change itself tells, and the values to ask a query about. */
  private noteKeys(change: LaneChange, keys: Set<string>, asked: Map<string, Set<string>>): void {
    const lookup = this.options.lookups.get(change.tableId);
    switch (lookup?.kind) {
      case 'key':
        keys.add(change.key);
        if (change.oldKey !== null) keys.add(change.oldKey);
        return;
      case 'column':
        for (const value of columnValues(change, lookup.column)) keys.add(value);
        return;
      case 'query':
        addAll(asked, lookup.query, columnValues(change, lookup.of));
        return;
      case undefined:
        return;
      default:
        return assertNever(lookup);
    }
  }

  /** Like {@link rebuildAll} for keys out of the target, which no row may be able to have: those have no document. */
  private async rebuildPossible(lane: Lane, keys: readonly string[]): Promise<KeyState[]> {
    const built = await askInHalves(keys, (part) => this.rebuildAll(lane, part));
    const states = new Map(built.flat().map((state) => [state.key, state]));
    const { position } = lane.current();
    const tableId = this.options.root.id;
    return keys.map((key) => states.get(key) ?? { tableId, key, document: null, carry: null, position });
  }

  private async rebuildAll(lane: Lane, keys: readonly string[]): Promise<KeyState[]> {
    const states: KeyState[] = [];
    for (const page of this.pages(keys)) states.push(...(await this.rebuild(lane, page(), [])));
    return states;
  }

  /** Pages are cut when they are asked for, because their size adapts on the way. */
  private *pages(keys: readonly string[]): Generator<() => readonly string[]> {
    for (let start = 0; start < keys.length;) {
      yield () => keys.slice(start, (start += this.keysPerQuery));
    }
  }

  /** A document for each key that the query returns, a deletion for each that it does not. */
  private async rebuild(lane: Lane, keys: readonly string[], xids: readonly number[]): Promise<KeyState[]> {
    const documents = await this.read(keys, lane, xids);
    const { position } = lane.current();
    const tableId = this.options.root.id;
    return keys.map((key) => ({ tableId, key, document: documents.get(key) ?? null, carry: null, position }));
  }

  /** How many documents are built at once, so that they take a bounded amount of memory. */
  get keysAtOnce(): number {
    return this.keysPerQuery * MAX_QUERIES_AT_ONCE;
  }

  /** The documents that the query gives for these keys now; those that it does not give are absent. */
  async documentsOf(keys: readonly string[], visible: Visible): Promise<Map<string, string>> {
    const documents = new Map<string, string>();
    for (const page of this.pages(keys)) {
      for (const [key, document] of await this.read(page(), visible, [])) documents.set(key, document);
    }
    return documents;
  }

  private async read(
    keys: readonly string[],
    visible: Visible,
    extra: readonly number[],
  ): Promise<Map<string, string>> {
    const { source, query } = this.options;
    return this.documents(await readVisible(visible, () => source.rows(query, keys), { source, extra }));
  }

  private documents({ fields, rows }: SnapshotRows): Map<string, string> {
    const encoder = DocumentEncoder.forText(fields, this.options.nested);
    const width = this.options.root.keyColumns.length;
    const documents = new Map<string, string>();
    let bytes = 0;
    for (const row of rows) {
      const document = encoder.encode(row);
      bytes += document.length;
      documents.set(encodeKey(row.slice(0, width) as string[]), document);
    }
    const average = bytes / Math.max(1, rows.length);
    this.keysPerQuery = Math.max(1, Math.min(MAX_KEYS_PER_QUERY, Math.floor(AIM_BYTES_PER_QUERY / (average + 1))));
    return documents;
  }
}

function keyOf(values: readonly (string | null)[]): string {
  return encodeKey(values.map((value) => fromByteString((value ?? '') as ByteString)));
}

function addAll(groups: Map<string, Set<string>>, name: string, values: readonly string[]): void {
  const group = groups.get(name) ?? new Set();
  for (const value of values) group.add(value);
  groups.set(name, group);
}

/** The column's value before and after the change, as PostgreSQL text. */
function columnValues({ before, after, unchanged }: LaneChange, column: string): string[] {
  const values: string[] = [];
  const images = unchanged?.includes(column) ? [before] : [before, after];
  for (const image of images) {
    const raw = image === null ? undefined : splitDocument(image).find(([label]) => label === jsonString(column))?.[1];
    const text = raw === undefined ? null : fieldText(JSON.parse(raw) as string | number | boolean | null);
    if (text !== null) values.push(text);
  }
  return values;
}
