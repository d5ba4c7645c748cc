import { formatTableName, suggest, type ProblemText } from '@astro/catalogue';
import { tableName, type TableRef } from '@astro/sync-core';
import { columnsSql, tableSql } from './sql-names.js';
import type { RelationInfo, SourceSchema, UniqueIndex } from './source-schema.js';

/** Which part of a catalogue entry a fault is about. */
export interface TableFault extends ProblemText {
  readonly part: 'table' | 'key';
}

/** A table with the key that its changes are told apart by, or what stands against capturing it. */
export interface TableVerdict {
  readonly keyColumns: readonly string[];
  readonly faults: readonly TableFault[];
}

/** On PostgreSQL 18 and later a full old row may not hold generated columns that are not published. */
const GENERATED_IN_FULL_REFUSED_FROM = 180_000;
/** Their text depends on the server's locale or on names of objects, so the same value may read differently. */
const UNSTABLE_TYPES = /^(money|reg[a-z]+)(\[\])?$/;

/** Names like the one that is missing, for the fix. */
export function missingTable(schema: SourceSchema, table: TableRef): ProblemText {
  const names = schema.relations.map((relation) => formatTableName(relation.table));
  const sameName = schema.relations.find((relation) => relation.table.name === table.name);
  const meant = suggest(formatTableName(table), names) ?? (sameName && formatTableName(sameName.table));
  const fix = meant ? `did you mean ${meant}?` : 'create it, or remove it from the catalogue';
  return { what: `table ${tableName(table)} does not exist`, fix };
}

/** Decides whether changes of this table can be captured completely, and by which key. Pure. */
export function judgeTable(
  schema: SourceSchema,
  relation: RelationInfo,
  wantedKey: readonly string[] = [],
): TableVerdict {
  const unfit = unfitKind(relation);
  if (unfit) return { keyColumns: [], faults: [{ part: 'table', ...unfit }] };
  const { keyColumns, fault } = chooseKey(relation, wantedKey);
  const faults: TableFault[] = fault ? [fault] : [];
  if (keyColumns.length === 0) return { keyColumns, faults };
  const mustCarry = fault ? [] : keyColumns;
  for (const member of [relation, ...leavesOf(schema, relation)]) {
    const wrong = unfitKind(member) ?? identityFault(member, mustCarry, schema.serverVersion);
    if (wrong) faults.push({ part: 'table', ...wrong });
    else if (member.identity !== relation.identity) faults.push({ part: 'table', ...mixedIdentity(relation, member) });
  }
  return { keyColumns, faults };
}

function unfitKind(relation: RelationInfo): ProblemText | null {
  const name = tableName(relation.table);
  if (relation.kind === 'foreign table' || relation.kind.endsWith('view')) {
    return { what: `${name} is a ${relation.kind}, which has no change stream`, fix: 'name the tables behind it' };
  }
  if (relation.persistence !== 'permanent') {
    const fix =
      relation.persistence === 'unlogged' ? `ALTER TABLE ${tableSql(relation.table)} SET LOGGED` : 'leave it out';
    return { what: `${name} is ${relation.persistence}, so its changes are not in the log`, fix };
  }
  if (relation.hasHeirs) {
    return { what: `other tables inherit from ${name}`, fix: 'use partitions instead, or leave the table out' };
  }
  return null;
}

/** The partitions that hold the rows, and whose replica identity the log follows. */
function leavesOf(schema: SourceSchema, relation: RelationInfo): readonly RelationInfo[] {
  return schema.partitionsOf(relation).filter(({ kind }) => kind !== 'partitioned table');
}

interface KeyChoice {
  readonly keyColumns: readonly string[];
  readonly fault: TableFault | null;
}

function chooseKey(relation: RelationInfo, wanted: readonly string[]): KeyChoice {
  if (wanted.length > 0) return { keyColumns: wanted, fault: keyFault(relation, wanted) };
  const index =
    relation.uniqueIndexes.find((unique) => unique.isPrimary) ??
    relation.uniqueIndexes.find((unique) => unique.isReplicaIdentity && isUsable(relation, unique));
  if (!index) return { keyColumns: [], fault: noKey(relation) };
  return { keyColumns: index.columns, fault: keyFault(relation, index.columns) };
}

function keyFault(relation: RelationInfo, key: readonly string[]): TableFault | null {
  const fault = (what: string, fix: string): TableFault => ({ part: 'key', what, fix });
  const name = tableName(relation.table);
  for (const column of key) {
    const info = relation.columns.find((candidate) => candidate.name === column);
    if (!info) return { part: 'key', ...missingColumn(relation, column) };
    if (info.isGenerated) {
      return fault(
        `key column "${column}" of ${name} is generated, so the stream has no value of it`,
        'use another key',
      );
    }
    if (UNSTABLE_TYPES.test(info.baseTypeName)) {
      return fault(
        `key column "${column}" of ${name} is of type ${info.typeName}, whose text changes`,
        'use another key',
      );
    }
  }
  const covering = relation.uniqueIndexes.filter(({ columns }) => columns.every((column) => key.includes(column)));
  if (covering.some((index) => isUsable(relation, index))) return null;
  const deferrable = covering.find((index) => !index.isStrict && index.isPrimary);
  if (deferrable) {
    const fix = 'make it NOT DEFERRABLE';
    return fault(`the primary key of ${name} is deferrable, so two rows may share it for a moment`, fix);
  }
  const what = `key (${key.join(', ')}) of ${name} is not unique and never NULL`;
  return fault(what, 'name the columns of a primary key or of a unique index without NULLs');
}

function isUsable(relation: RelationInfo, { columns, isStrict }: UniqueIndex): boolean {
  const nullable = (name: string) => !relation.columns.some((column) => column.name === name && column.notNull);
  return isStrict && !columns.some(nullable);
}

function noKey(relation: RelationInfo): TableFault {
  const candidate = relation.uniqueIndexes.find((index) => isUsable(relation, index));
  const fix = candidate ? keyFix(relation, candidate) : `ALTER TABLE ${tableSql(relation.table)} ADD PRIMARY KEY (…)`;
  return { part: 'table', what: `${tableName(relation.table)} has no primary key`, fix };
}

function keyFix(relation: RelationInfo, { name, columns }: UniqueIndex): string {
  if (relation.identity === 'full') return `write key: [${columns.join(', ')}]`;
  return `ALTER TABLE ${tableSql(relation.table)} REPLICA IDENTITY USING INDEX ${columnsSql([name])}`;
}

/** A column that is named but not there. */
export function missingColumn(relation: RelationInfo, column: string): ProblemText {
  const names = relation.columns.map(({ name }) => name);
  const meant = suggest(column, names);
  const fix = meant ? `did you mean "${meant}"?` : `it has ${names.join(', ')}`;
  return { what: `${tableName(relation.table)} has no column "${column}"`, fix };
}

/** The columns that the log carries of a row before its change. Empty: changes of the row cannot be published. */
export function identityColumns(relation: RelationInfo): readonly string[] {
  switch (relation.identity) {
    case 'full':
      return relation.columns.map(({ name }) => name);
    case 'nothing':
      return [];
    case 'index':
      return relation.uniqueIndexes.find((index) => index.isReplicaIdentity)?.columns ?? [];
    case 'default':
      return relation.uniqueIndexes.find((index) => index.isPrimary && index.isStrict)?.columns ?? [];
  }
}

function identityFault(relation: RelationInfo, key: readonly string[], serverVersion: number): ProblemText | null {
  const name = tableName(relation.table);
  const alter = `ALTER TABLE ${tableSql(relation.table)} REPLICA IDENTITY`;
  const carried = identityColumns(relation);
  if (carried.length === 0) {
    const fix = relation.identity === 'nothing' ? `${alter} DEFAULT` : `add a primary key, or ${alter} FULL`;
    return { what: `${name} has no replica identity, so its UPDATE and DELETE would fail once published`, fix };
  }
  const generated = relation.columns.find((column) => column.isStored);
  if (relation.identity === 'full' && generated && serverVersion >= GENERATED_IN_FULL_REFUSED_FROM) {
    const what = `${name} has REPLICA IDENTITY FULL and the generated column "${generated.name}", so its UPDATE and DELETE would fail once published`;
    return { what, fix: `${alter} DEFAULT, or drop the column` };
  }
  const lacking = key.find((column) => !carried.includes(column));
  if (lacking === undefined) return null;
  const what = `the replica identity of ${name} (${carried.join(', ')}) does not hold key column "${lacking}"`;
  const hasPrimaryKey = relation.uniqueIndexes.some((index) => index.isPrimary && index.isStrict);
  const better = relation.identity === 'index' && hasPrimaryKey ? 'DEFAULT' : 'FULL';
  return { what, fix: `${alter} ${better}, or write key: [${carried.join(', ')}]` };
}

function mixedIdentity(root: RelationInfo, partition: RelationInfo): ProblemText {
  const what =
    `partition ${tableName(partition.table)} has replica identity ${partition.identity}, ` +
    `${tableName(root.table)} has ${root.identity}`;
  return { what, fix: `ALTER TABLE ${tableSql(partition.table)} REPLICA IDENTITY ${root.identity.toUpperCase()}` };
}

/** What stands against finding root keys by this column when a row of the table changes or goes. */
export function routeFault(schema: SourceSchema, relation: RelationInfo, column: string): ProblemText | null {
  const info = relation.columns.find(({ name }) => name === column);
  if (!info) return missingColumn(relation, column);
  const name = tableName(relation.table);
  if (info.isGenerated) {
    return { what: `column "${column}" of ${name} is generated, so the stream has no value of it`, fix: 'use another' };
  }
  const blind = [relation, ...leavesOf(schema, relation)].find(
    (member) => !identityColumns(member).includes(column) && identityColumns(member).length > 0,
  );
  if (!blind) return null;
  const what = `a changed or deleted row of ${tableName(blind.table)} no longer tells its old "${column}"`;
  return { what, fix: `ALTER TABLE ${tableSql(blind.table)} REPLICA IDENTITY FULL` };
}
