import { escapeIdentifier, type Client } from 'pg';
import { ConfigError, tableName, type TableRef } from '@astro/sync-core';
import {
  COLUMNS_QUERY,
  CONSTRAINTS_QUERY,
  UNIQUE_INDEXES_QUERY,
  type ColumnRow,
  type ConstraintRow,
  type IndexColumn,
  type UniqueIndexRow,
} from './shape-queries.js';

/** A table that a lane writes. */
export interface PostgresTargetTable {
  readonly tableId: number;
  readonly target: TableRef;
  /** Identify a row, in the order of the stream's keys; the target has a unique index on exactly these. */
  readonly keyColumns: readonly string[];
  /** Columns that are written, besides the key; null: all that the documents have. */
  readonly columns: readonly string[] | null;
}

export type TargetColumn = Omit<ColumnRow, 'i' | 'oid'>;

/** What the target's own catalogue says about a table; holds as long as the connection. */
export interface TableShape extends PostgresTargetTable {
  readonly sql: string;
  readonly columnsByName: ReadonlyMap<string, TargetColumn>;
  readonly key: readonly IndexColumn[];
  /** Unique indexes besides the key. */
  readonly uniques: readonly UniqueIndexRow[];
  /** A foreign key of some table, possibly its own, refers to this one. */
  readonly referenced: boolean;
  /** Deleting a row and inserting it again would fail or change rows that refer to it. */
  readonly undeletable: boolean;
}

export interface Shapes {
  readonly byId: ReadonlyMap<number, TableShape>;
  /** Referenced tables before those that refer to them, as far as there is such an order. */
  readonly parentsFirst: readonly TableShape[];
  /** Some constraint can wait until the end of the transaction. */
  readonly deferrable: boolean;
}

/** @throws {ConfigError} when a table, or the unique index on its key, is missing */
export async function loadShapes(client: Client, tables: readonly PostgresTargetTable[]): Promise<Shapes> {
  const { rows: columns } = await client.query<ColumnRow>(COLUMNS_QUERY, [
    tables.map(({ target }) => target.schema),
    tables.map(({ target }) => target.name),
  ]);
  const oids = tables.map((table, i) => {
    const oid = columns.find((column) => column.i === i + 1)?.oid;
    if (oid === undefined) throw missing(table, 'does not exist');
    return oid;
  });
  const { rows: indexes } = await client.query<UniqueIndexRow>(UNIQUE_INDEXES_QUERY, [oids]);
  const { rows: constraints } = await client.query<ConstraintRow>(CONSTRAINTS_QUERY, [oids]);
  const shapes = tables.map((table, i) => {
    const ownColumns = columns.filter((column) => column.i === i + 1);
    const ownIndexes = indexes.filter((index) => index.oid === oids[i]);
    const referring = constraints.filter((constraint) => constraint.parent === oids[i]);
    return shapeOf(table, { columns: ownColumns, indexes: ownIndexes, referring });
  });
  return {
    byId: new Map(shapes.map((shape) => [shape.tableId, shape])),
    parentsFirst: inReferenceOrder(shapes, oids, constraints),
    deferrable: constraints.some((constraint) => constraint.deferrable),
  };
}

interface TableFacts {
  readonly columns: readonly ColumnRow[];
  readonly indexes: readonly UniqueIndexRow[];
  readonly referring: readonly ConstraintRow[];
}

function shapeOf(table: PostgresTargetTable, { columns, indexes, referring }: TableFacts): TableShape {
  const keyIndex = indexes.find((index) => isKey(index, table.keyColumns));
  if (!keyIndex) throw missing(table, `has no unique index on exactly (${table.keyColumns.join(', ')})`);
  return {
    ...table,
    sql: qualified(table.target),
    columnsByName: new Map(columns.map((column) => [column.name, column])),
    key: table.keyColumns.map((name) => keyIndex.columns?.find((column) => column.name === name) as IndexColumn),
    uniques: indexes.filter((index) => index !== keyIndex),
    referenced: referring.length > 0,
    undeletable: referring.some(({ deferrable, noAction }) => !deferrable || !noAction),
  };
}

function isKey({ immediate, plain, columns }: UniqueIndexRow, keyColumns: readonly string[]): boolean {
  if (!immediate || !plain || columns?.length !== keyColumns.length) return false;
  return columns.every(({ name }) => keyColumns.includes(name));
}

/** The table or a part of it is not there; says how to get it. */
export function missing({ target }: Pick<PostgresTargetTable, 'target'>, what: string): ConfigError {
  return new ConfigError(
    `Target table ${tableName(target)} ${what}. Run \`npm run sync -- setup\` to create what is missing.`,
  );
}

function inReferenceOrder(
  shapes: readonly TableShape[],
  oids: readonly string[],
  constraints: readonly ConstraintRow[],
): TableShape[] {
  const ordered = new Set<TableShape>();
  const visiting = new Set<number>();
  const visit = (i: number): void => {
    const shape = shapes[i];
    if (!shape || visiting.has(i)) return;
    visiting.add(i);
    for (const { child, parent } of constraints) if (child === oids[i] && parent) visit(oids.indexOf(parent));
    ordered.add(shape);
  };
  shapes.forEach((_shape, i) => visit(i));
  return [...ordered];
}

export function qualified(table: TableRef): string {
  return `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}`;
}
