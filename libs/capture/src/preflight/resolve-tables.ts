import type { Catalogue, CataloguePath, DataSet, FlatTable, ProblemList, SourceTable } from '@astro/catalogue';
import { tableName, type TableRef } from '@astro/sync-core';
import { tableId, type ColumnInfo, type RelationInfo, type SourceSchema } from './source-schema.js';
import { judgeTable, missingColumn, missingTable, routeFault } from './table-rules.js';

/** A captured table with what set-up needs beyond {@link SourceTable}. */
export interface PreflightTable extends SourceTable {
  /** As `columns`, with the names of their types. */
  readonly columnTypes: readonly ColumnInfo[];
  /** All partitions at all levels; empty for an ordinary table. */
  readonly partitions: readonly TableRef[];
  readonly relation: RelationInfo;
}

export interface ResolvedTables {
  /** Every distinct table that could be captured, in the order of the catalogue. */
  readonly tables: readonly PreflightTable[];
  /** With the key columns filled in. */
  readonly catalogue: Catalogue;
}

/** One place of the catalogue that names a source table. */
interface Mention {
  readonly table: TableRef;
  readonly path: CataloguePath;
  readonly keyPath: CataloguePath;
  readonly keyColumns: readonly string[];
}

/** Finds every table of the catalogue in the source; what is wrong goes to the lists. Pure. */
export function resolveTables(
  catalogue: Catalogue,
  schema: SourceSchema,
  { problems, warnings }: { problems: ProblemList; warnings: ProblemList },
): ResolvedTables {
  const mentions = catalogue.dataSets.flatMap(mentionsOf);
  const tables = new Map<string, PreflightTable>();
  const seen = new Set<string>();
  for (const mention of mentions) {
    const id = tableId(mention.table);
    if (seen.has(id)) continue;
    seen.add(id);
    const keyed = mentions.find((other) => tableId(other.table) === id && other.keyColumns.length > 0);
    const resolved = resolveOne({ ...mention, ...(keyed && pickKey(keyed)) }, schema, problems);
    if (resolved) tables.set(id, resolved);
  }
  for (const dataSet of catalogue.dataSets) checkColumns(dataSet, { schema, tables, problems });
  for (const mention of mentions) checkMention(mention, { mentions, schema, tables, problems, warnings });
  const dataSets = catalogue.dataSets.map((dataSet) => withKeys(dataSet, tables));
  return { tables: [...tables.values()], catalogue: { ...catalogue, dataSets } };
}

function mentionsOf(dataSet: DataSet): readonly Mention[] {
  const base = ['dataSets', dataSet.name];
  if (dataSet.kind === 'flat') {
    return dataSet.tables.map(({ source, keyColumns }, index) => {
      const path = [...base, 'tables', index];
      return { table: source, keyColumns, path, keyPath: [...path, 'key'] };
    });
  }
  const root = {
    table: dataSet.root,
    keyColumns: dataSet.keyColumns,
    path: [...base, 'root'],
    keyPath: [...base, 'key'],
  };
  const reads = dataSet.reads.map(({ table }, index) => {
    const path = [...base, 'reads', index, 'table'];
    return { table, keyColumns: [], path, keyPath: path };
  });
  return [root, ...reads];
}

function pickKey({ keyColumns, keyPath }: Mention): Pick<Mention, 'keyColumns' | 'keyPath'> {
  return { keyColumns, keyPath };
}

function resolveOne(mention: Mention, schema: SourceSchema, problems: ProblemList): PreflightTable | null {
  const relation = schema.find(mention.table);
  if (!relation) {
    const { what, fix } = missingTable(schema, mention.table);
    problems.at(mention.path, what, fix);
    return null;
  }
  const { keyColumns, faults } = judgeTable(schema, relation, mention.keyColumns);
  for (const { part, what, fix } of faults) problems.at(part === 'key' ? mention.keyPath : mention.path, what, fix);
  const columnTypes = relation.columns.filter((column) => !column.isGenerated);
  return {
    table: relation.table,
    keyColumns,
    columns: columnTypes.map(({ name, typeOid }) => ({ name, typeOid })),
    replicaIdentity: relation.identity,
    columnTypes,
    partitions: schema.partitionsOf(relation).map(({ table }) => table),
    relation,
  };
}

interface ColumnScope {
  readonly schema: SourceSchema;
  readonly tables: ReadonlyMap<string, PreflightTable>;
  readonly problems: ProblemList;
}

function checkColumns(dataSet: DataSet, scope: ColumnScope): void {
  const base = ['dataSets', dataSet.name];
  if (dataSet.kind === 'flat') {
    dataSet.tables.forEach((table, index) => checkFlatColumns(table, [...base, 'tables', index, 'columns'], scope));
    return;
  }
  dataSet.reads.forEach(({ table, via }, index) => {
    const relation = scope.schema.find(table);
    if (!relation) return;
    const [setting, column] = 'column' in via ? ['column', via.column] : ['of', via.of];
    const fault = routeFault(scope.schema, relation, column);
    if (fault) scope.problems.at([...base, 'reads', index, setting], fault.what, fault.fix);
  });
}

function checkFlatColumns(flat: FlatTable, path: CataloguePath, { tables, problems }: ColumnScope): void {
  const resolved = tables.get(tableId(flat.source));
  if (!resolved || flat.columns === null) return;
  flat.columns.forEach((column, index) => {
    const info = resolved.relation.columns.find(({ name }) => name === column);
    if (!info) {
      const { what, fix } = missingColumn(resolved.relation, column);
      problems.at([...path, index], what, fix);
    } else if (info.isGenerated) {
      const what = `column "${column}" of ${tableName(flat.source)} is generated, so the stream has no value of it`;
      problems.at([...path, index], what, 'remove it from columns');
    }
  });
  if (flat.keyColumns.length > 0) return; // the parser has compared them
  const lacking = resolved.keyColumns.find((column) => !flat.columns!.includes(column));
  if (lacking !== undefined) problems.at(path, `key column "${lacking}" is not among the columns`, 'add it to columns');
}

interface MentionScope extends ColumnScope {
  readonly mentions: readonly Mention[];
  readonly warnings: ProblemList;
}

/** What concerns each mention, not only the first of a table. */
function checkMention(mention: Mention, { mentions, schema, tables, problems, warnings }: MentionScope): void {
  const resolved = tables.get(tableId(mention.table));
  if (!resolved) return;
  const named = new Set(mentions.map(({ table }) => tableId(table)));
  const above = schema.ancestorsOf(resolved.relation).find(({ table }) => named.has(tableId(table)));
  if (above) {
    const what = `${tableName(mention.table)} is a partition of ${tableName(above.table)}, which is named too`;
    problems.at(mention.path, what, 'name only one of them: changes arrive under the name of the upper one');
  }
  const enumKey = resolved.columnTypes.find(({ name, isEnum }) => isEnum && resolved.keyColumns.includes(name));
  if (enumKey) {
    const what = `key column "${enumKey.name}" of ${tableName(mention.table)} is an enum`;
    warnings.at(mention.path, what, 'copy the data set again after a value of the enum is renamed');
  }
}

function withKeys(dataSet: DataSet, tables: ReadonlyMap<string, PreflightTable>): DataSet {
  if (dataSet.kind === 'joined') return dataSet;
  const keyOf = (table: FlatTable) => tables.get(tableId(table.source))?.keyColumns ?? table.keyColumns;
  return { ...dataSet, tables: dataSet.tables.map((table) => ({ ...table, keyColumns: keyOf(table) })) };
}
