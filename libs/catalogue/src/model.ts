import type { ColumnRef, TableRef } from '@astro/sync-core';
import type { CatalogueFile } from './problem.js';

/** The catalogue after validation: which data sets exist and how each is kept equal. See `docs/catalogue.md`. */
export interface Catalogue {
  readonly source: SourceSettings;
  readonly dataSets: readonly DataSet[];
  /** Where each part stands in its file, for messages; absent when the catalogue was not read from a file. */
  readonly file?: CatalogueFile;
}

/** How OperationsDB is read. */
export interface SourceSettings {
  /** Replaced by OPERATIONS_DATABASE_URL when that is set. */
  readonly url: string | null;
  readonly publication: string;
  readonly slot: string;
}

export type DataSet = FlatDataSet | JoinedDataSet;

interface DataSetBase {
  readonly name: string;
  readonly target: CacheTarget | SystemTarget;
  readonly mode: 'realtime' | 'scheduled';
  /** Only for mode scheduled. */
  readonly schedule: { readonly cron: string; readonly timeZone: string } | null;
  /** A larger source transaction reaches CacheDB in steps of this many rows. */
  readonly maxAtomicRows: number;
  /** Rows per chunk of a copy. */
  readonly chunkRows: number;
}

export interface CacheTarget {
  readonly endpoint: 'cache';
  /** A document's Redis key is this plus the row's key; default `{<data set>}:` so that one data set is one hash slot. */
  readonly keyPrefix: string;
  /** Documents of more bytes than this are stored gzip-compressed; null: never. */
  readonly compressOverBytes: number | null;
}

export interface SystemTarget {
  readonly endpoint: 'system';
}

/** The row images are the document. Several tables make one lane, so their order is kept across them. */
export interface FlatDataSet extends DataSetBase {
  readonly kind: 'flat';
  readonly tables: readonly FlatTable[];
}

export interface FlatTable {
  readonly source: TableRef;
  /** The SystemDB table; null when the target is the cache. */
  readonly target: TableRef | null;
  /** Filled by the preflight from the primary key unless the catalogue names them. */
  readonly keyColumns: readonly string[];
  /** Columns that are carried over; null means all. */
  readonly columns: readonly string[] | null;
}

/** Documents are the result of a query, rebuilt whenever a table it reads changes. */
export interface JoinedDataSet extends DataSetBase {
  readonly kind: 'joined';
  readonly root: TableRef;
  readonly keyColumns: readonly string[];
  /** SQL that returns one row per root key in `$1` (a text array); its first columns are the key columns. */
  readonly query: string;
  /** Result columns of type json or jsonb that become objects of the document instead of texts. */
  readonly nested: readonly string[];
  readonly reads: readonly JoinedRead[];
}

/** How a change of a table that the query reads leads to root keys. The root table needs no entry. */
export interface JoinedRead {
  readonly table: TableRef;
  /** `column`: the row itself holds the root key. `query`: SQL with `$1` = text array of `of` values, returns root keys. */
  readonly via: { readonly column: string } | { readonly query: string; readonly of: string };
}

/** What the preflight found out about a source table. */
export interface SourceTable {
  readonly table: TableRef;
  readonly keyColumns: readonly string[];
  /** Columns that the stream carries, in attribute order: without generated ones (W17). */
  readonly columns: readonly ColumnRef[];
  readonly replicaIdentity: 'default' | 'full' | 'index' | 'nothing';
}

/** Every source table of a data set. */
export function tablesOf(dataSet: DataSet): readonly TableRef[] {
  if (dataSet.kind === 'flat') return dataSet.tables.map((table) => table.source);
  return [dataSet.root, ...dataSet.reads.map((read) => read.table)];
}
