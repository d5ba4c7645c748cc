import { escapeIdentifier } from 'pg';
import type { TableRef } from '@astro/sync-core';
import { WANTED_OPTIONS, type PublicationOptions, type PublicationState } from '../preflight/publication-state.js';
import { columnsSql, tableSql } from '../preflight/sql-names.js';
import { tableId } from '../preflight/source-schema.js';

const GENERATED_OPTION_SINCE = 180_000;

/** Exactly these tables, whole, with every kind of change. */
export function wantedPublication(tables: readonly TableRef[]): PublicationState {
  return {
    allTables: false,
    schemas: [],
    tables: tables.map((table) => ({ table, columns: null, filter: null })),
    options: WANTED_OPTIONS,
  };
}

export function isSamePublication(a: PublicationState, b: PublicationState): boolean {
  return describe(a) === describe(b);
}

function describe(state: PublicationState): string {
  return JSON.stringify([state.allTables, describeMembers(state), state.options]);
}

function describeMembers({ schemas, tables }: PublicationState): string {
  const members = tables.map(({ table, columns, filter }) => JSON.stringify([tableId(table), columns, filter])).sort();
  return JSON.stringify([[...schemas].sort(), members]);
}

/** Names are always quoted: unquoted ones are folded to lower case (W28). */
export function createPublicationSql(name: string, state: PublicationState, serverVersion: number): string {
  return `CREATE PUBLICATION ${escapeIdentifier(name)} FOR ${objectsSql(state)} WITH (${optionsSql(state.options, serverVersion)})`;
}

export interface PublicationChange {
  readonly from: PublicationState;
  readonly to: PublicationState;
}

/**
 * Statements that bring an existing publication from one state to another. They touch nothing that is right already:
 * a change of the publication's options makes every table's changes doubtful (P6).
 */
export function alterPublicationSql(
  name: string,
  { from, to }: PublicationChange,
  serverVersion: number,
): readonly string[] {
  const alter = `ALTER PUBLICATION ${escapeIdentifier(name)}`;
  const objects = objectsSql(to);
  const current = from.tables.map(({ table }) => tableSql(table)).join(', ');
  const setObjects = objects === '' ? `${alter} DROP TABLE ${current}` : `${alter} SET ${objects}`;
  const setOptions = `${alter} SET (${optionsSql(to.options, serverVersion)})`;
  return [
    ...(describeMembers(from) === describeMembers(to) ? [] : [setObjects]),
    ...(JSON.stringify(from.options) === JSON.stringify(to.options) ? [] : [setOptions]),
  ];
}

/** ONLY keeps heirs out; partitions belong to their root with or without it. */
function objectsSql({ tables, schemas }: PublicationState): string {
  const members = tables.map(({ table, columns, filter }) => {
    const list = columns === null ? '' : ` (${columnsSql(columns)})`;
    return `TABLE ONLY ${tableSql(table)}${list}${filter === null ? '' : ` WHERE (${filter})`}`;
  });
  return [...members, ...schemas.map((schema) => `TABLES IN SCHEMA ${escapeIdentifier(schema)}`)].join(', ');
}

function optionsSql({ publish, viaRoot, generatedColumns }: PublicationOptions, serverVersion: number): string {
  const generated = serverVersion >= GENERATED_OPTION_SINCE ? `, publish_generated_columns = ${generatedColumns}` : '';
  return `publish = '${publish}', publish_via_partition_root = ${viaRoot}${generated}`;
}
