import type { ClientBase } from 'pg';
import { ProblemList, type Catalogue, type Problem } from '@astro/catalogue';
import { tableName, type TableRef } from '@astro/sync-core';
import { introspect } from './introspect.js';
import type { PreflightTable } from './resolve-tables.js';
import { columnsSql, tableSql } from './sql-names.js';
import { tableId, type ColumnInfo, type RelationInfo } from './source-schema.js';
import { systemTargets, type SystemTargetTable } from './system-targets.js';
import { missingColumn } from './table-rules.js';
import { carriedColumns, targetType } from './target-columns.js';

export interface SystemPreflightOptions {
  readonly catalogue: Catalogue;
  /** As `preflight` resolved them. */
  readonly tables: readonly PreflightTable[];
  /** Tables of this system itself, which no data set may write to. */
  readonly reserved?: readonly TableRef[];
  /** `setup`: missing tables are made later, and the rights are granted (default `start`). */
  readonly before?: 'start' | 'setup';
}

export interface SystemPreflightResult {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Targets that do not exist yet. */
  readonly missing: readonly SystemTargetTable[];
}

/**
 * Checks that SystemDB can take every flat data set that goes there. Changes nothing.
 * @param client connected as the role that applies (`start`) or sets up (`setup`)
 */
export async function preflightSystem(
  client: ClientBase,
  { catalogue, tables, reserved = [], before = 'start' }: SystemPreflightOptions,
): Promise<SystemPreflightResult> {
  const problems = new ProblemList(catalogue.file);
  const warnings = new ProblemList(catalogue.file);
  const schema = await introspect(client);
  const casts = await readCasts(client);
  const own = new Set(reserved.map(tableId));
  const missing: SystemTargetTable[] = [];
  for (const target of systemTargets(catalogue, tables)) {
    const { table, path } = { table: target.flat.target, path: [...target.path, 'into'] };
    const relation = schema.find(table);
    if (own.has(tableId(table))) {
      problems.at(path, `${tableName(table)} is a table of this system itself`, 'write into: with another table');
    } else if (relation) {
      const scope = { client, target, relation, casts, problems, warnings };
      checkShape(scope);
      if (before === 'start') await checkRights(scope);
    } else {
      missing.push(target);
      if (before === 'setup') continue;
      problems.at(path, `SystemDB has no table ${tableName(table)}`, 'run: npm run sync -- setup');
    }
  }
  return { problems: problems.problems, warnings: warnings.problems, missing };
}

interface TargetScope {
  readonly client: ClientBase;
  readonly target: SystemTargetTable;
  readonly relation: RelationInfo;
  readonly casts: Casts;
  readonly problems: ProblemList;
  readonly warnings: ProblemList;
}

function checkShape(scope: TargetScope): void {
  const { target, relation, problems } = scope;
  const path = [...target.path, 'into'];
  const name = tableName(relation.table);
  if (relation.kind !== 'table' && relation.kind !== 'partitioned table') {
    problems.at(path, `${name} of SystemDB is a ${relation.kind}`, 'name a table');
    return;
  }
  const carried = carriedColumns(target.source, target.flat);
  for (const column of carried) checkColumn(column, scope);
  for (const column of relation.columns) {
    const isFilled = carried.some((other) => other.name === column.name) || column.hasDefault || column.isGenerated;
    if (isFilled || !column.notNull) continue;
    const fix = `ALTER TABLE ${tableSql(relation.table)} ALTER COLUMN ${columnsSql([column.name])} DROP NOT NULL`;
    problems.at(path, `column "${column.name}" of ${name} may not be NULL, and no data comes for it`, fix);
  }
  const { keyColumns } = target.source;
  const isArbiter = (columns: readonly string[]) =>
    columns.length === keyColumns.length && columns.every((column) => keyColumns.includes(column));
  if (relation.uniqueIndexes.some(({ columns, isStrict }) => isStrict && isArbiter(columns))) return;
  const fix = `ALTER TABLE ${tableSql(relation.table)} ADD UNIQUE (${columnsSql(keyColumns)})`;
  problems.at(path, `${name} of SystemDB has no unique constraint on the key (${keyColumns.join(', ')})`, fix);
}

function checkColumn(column: ColumnInfo, { target, relation, casts, problems, warnings }: TargetScope): void {
  const path = [...target.path, 'into'];
  const alter = `ALTER TABLE ${tableSql(relation.table)}`;
  const label = `column "${column.name}" of ${tableName(relation.table)} in SystemDB`;
  const own = relation.columns.find(({ name }) => name === column.name);
  if (!own) {
    const { what, fix } = missingColumn(relation, column.name);
    const add = `${alter} ADD COLUMN ${columnsSql([column.name])} ${targetType(column)}`;
    problems.at(path, `SystemDB: ${what}`, fix.startsWith('did you') ? `${fix} Or ${add}` : add);
    return;
  }
  const alterColumn = `${alter} ALTER COLUMN ${columnsSql([column.name])}`;
  if (own.isGenerated)
    problems.at(path, `${label} is generated and cannot be written`, `${alterColumn} DROP EXPRESSION`);
  if (own.isIdentityAlways) {
    problems.at(path, `${label} refuses given values`, `${alterColumn} SET GENERATED BY DEFAULT`);
  }
  const wider = `${alterColumn} TYPE ${targetType(column)}`;
  switch (fit(column, own, casts)) {
    case 'fits':
      return;
    case 'may not fit':
      warnings.at(path, `${label} is ${own.typeName}, the source has ${column.typeName}: a value may not fit`, wider);
      return;
    case 'cannot':
      problems.at(path, `${label} is ${own.typeName}, which cannot take ${column.typeName}`, wider);
  }
}

type Fit = 'fits' | 'may not fit' | 'cannot';

/** Type names of pairs of which the second takes the first without being told to; `i` implicit, `a` in assignments. */
type Casts = ReadonlyMap<string, 'i' | 'a'>;

/** Values arrive as text and are read by the target's type. */
function fit(source: ColumnInfo, target: ColumnInfo, casts: Casts): Fit {
  if (target.typeName === targetType(source)) return 'fits';
  const [from, to] = [withoutModifier(source.baseTypeName), withoutModifier(target.baseTypeName)];
  // A length, a precision or a domain's check can refuse values of the very same type.
  const isFree = target.isBuiltIn && target.typeName === to;
  const whenFree: Fit = isFree ? 'fits' : 'may not fit';
  if (TEXT_TYPES.has(to) || from === to) return whenFree;
  const cast = casts.get(`${from} ${to}`);
  if (cast) return cast === 'i' && !ROUNDING_TYPES.has(to) ? whenFree : 'may not fit';
  const isTextual = TEXT_TYPES.has(from) || !source.isBuiltIn;
  return isTextual && target.isEnum ? 'may not fit' : 'cannot';
}

const TEXT_TYPES = new Set(['text', 'character varying']);
const ROUNDING_TYPES = new Set(['real', 'double precision']);

function withoutModifier(typeName: string): string {
  return typeName.replace(/\(.*?\)/, '');
}

async function readCasts(client: ClientBase): Promise<Casts> {
  const { rows } = await client.query<{ pair: string; context: 'i' | 'a' }>(
    `SELECT pg_catalog.format_type(castsource, NULL) || ' ' || pg_catalog.format_type(casttarget, NULL) AS pair,
            castcontext AS context
     FROM pg_catalog.pg_cast WHERE castcontext IN ('i', 'a')`,
  );
  return new Map(rows.map(({ pair, context }) => [pair, context]));
}

async function checkRights({ client, target, relation, problems }: TargetScope): Promise<void> {
  const rights = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'];
  const { rows } = await client.query<{ role: string; rights: readonly string[] }>(
    `SELECT current_user AS role, ARRAY(
       SELECT name FROM pg_catalog.unnest($2::pg_catalog.text[]) AS name
       WHERE NOT pg_catalog.has_table_privilege($1::pg_catalog.oid, name)) AS rights`,
    [relation.oid, rights],
  );
  const { role, rights: lacking } = rows[0]!;
  const path = [...target.path, 'into'];
  const name = tableName(relation.table);
  if (lacking.length > 0) {
    const what = `role "${role}" lacks ${lacking.join(', ')} on ${name} of SystemDB`;
    problems.at(path, what, `GRANT ${lacking.join(', ')} ON ${tableSql(relation.table)} TO ${columnsSql([role])}`);
  }
  if (relation.hidesRows) {
    const what = `row level security of ${name} in SystemDB would hide rows from role "${role}"`;
    problems.at(path, what, `ALTER ROLE ${columnsSql([role])} BYPASSRLS`);
  }
}
