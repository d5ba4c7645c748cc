import type { ClientBase } from 'pg';
import { ProblemList, type Catalogue, type DataSet, type JoinedDataSet, type Problem } from '@astro/catalogue';
import { tableName, type TableRef } from '@astro/sync-core';
import { introspect } from './introspect.js';
import { JoinedQueryCheck } from './joined-query.js';
import { readPublication } from './publication-state.js';
import { resolveTables, type PreflightTable } from './resolve-tables.js';
import { judgeRole, judgeServer, MINIMUM_VERSION, readServerFacts, type ServerFacts } from './server-rules.js';
import { columnsSql, tableSql } from './sql-names.js';
import { tableId, type SourceSchema } from './source-schema.js';
import { judgeForSetup, judgePublication, judgeSlot, readSlot } from './stream-rules.js';

export interface PreflightOptions {
  /**
   * `start`: as the role that captures, everything must be in place (default).
   * `setup`: as the role that sets up, which still makes the publication, the slot and the grants.
   */
  readonly before?: 'start' | 'setup';
}

export interface PreflightResult {
  /** With the key columns filled in; complete only without problems. */
  readonly catalogue: Catalogue;
  /** Every distinct table that could be found, in the order of the catalogue. */
  readonly tables: readonly PreflightTable[];
  /** Nothing may start while there are any. Each is one line with `formatProblem`. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Whether they exist; before the first set-up neither does, which is no problem yet. */
  readonly setUp: { readonly publication: boolean; readonly slot: boolean };
}

/**
 * Checks the catalogue against OperationsDB and reports everything that stands in the way at once. Changes nothing.
 * @param client connected, outside a transaction
 * @throws only when the connection breaks
 */
export async function preflight(
  client: ClientBase,
  catalogue: Catalogue,
  { before = 'start' }: PreflightOptions = {},
): Promise<PreflightResult> {
  const facts = await readServerFacts(client);
  const problems = new ProblemList(catalogue.file);
  const warnings = new ProblemList(catalogue.file);
  const setUp = await checkStream(client, catalogue, { facts, before, problems, warnings });
  if (facts.version < MINIMUM_VERSION) {
    return { catalogue, tables: [], problems: problems.problems, warnings: warnings.problems, setUp };
  }
  const schema = await introspect(client);
  const resolved = resolveTables(catalogue, schema, { problems, warnings });
  const { tables } = resolved;
  if (before === 'start') {
    checkRights(catalogue, { tables, problems, role: facts.role });
    await checkPublication(client, catalogue, { tables, problems, warnings });
  }
  const scope = { schema, tables, problems };
  for (const dataSet of catalogue.dataSets) {
    if (dataSet.kind === 'joined' && isQueryable(dataSet, tables)) await checkJoined(client, dataSet, scope);
  }
  return { ...resolved, problems: problems.problems, warnings: warnings.problems, setUp };
}

interface StreamScope {
  readonly facts: ServerFacts;
  readonly before: 'start' | 'setup';
  readonly problems: ProblemList;
  readonly warnings: ProblemList;
}

async function checkStream(client: ClientBase, { source }: Catalogue, scope: StreamScope) {
  const { facts, problems, warnings } = scope;
  const publication = await readPublication(client, source.publication);
  const slot = await readSlot(client, source.slot);
  const server = judgeServer(facts, source, slot !== null);
  problems.add(server.problems);
  warnings.add(server.warnings);
  if (slot) problems.add(judgeSlot(slot, source));
  if (scope.before === 'start') problems.add(judgeRole(facts));
  problems.add(judgeForSetup(publication, slot !== null, source));
  return { publication: publication !== null, slot: slot !== null };
}

interface TableScope {
  readonly tables: readonly PreflightTable[];
  readonly problems: ProblemList;
}

/** The publication is compared only when there is one: before the first set-up there is nothing to say. */
async function checkPublication(
  client: ClientBase,
  { source }: Catalogue,
  { tables, problems, warnings }: TableScope & { warnings: ProblemList },
): Promise<void> {
  const state = await readPublication(client, source.publication);
  if (!state || state.allTables) return;
  // A table without a key is reported already; set-up would not publish it.
  const usable = tables.filter(({ keyColumns }) => keyColumns.length > 0);
  const findings = judgePublication(state, usable, source);
  problems.add(findings.problems);
  warnings.add(findings.warnings);
}

function checkRights({ dataSets }: Catalogue, { tables, problems, role }: TableScope & { role: string }): void {
  const roleSql = columnsSql([role]);
  for (const { table, relation } of tables) {
    const path = pathOf(dataSets, table);
    const name = tableName(table);
    if (!relation.maySelect) {
      const grants = `GRANT USAGE ON SCHEMA ${columnsSql([table.schema])} TO ${roleSql}; GRANT SELECT ON ${tableSql(table)} TO ${roleSql}`;
      problems.at(path, `role "${role}" may not read ${name}`, `${grants} (or run: npm run sync -- setup)`);
    }
    if (relation.hidesRows) {
      const fix = `ALTER ROLE ${roleSql} BYPASSRLS`;
      problems.at(path, `row level security of ${name} would hide rows from role "${role}"`, fix);
    }
  }
}

function pathOf(dataSets: readonly DataSet[], table: TableRef): readonly (string | number)[] {
  const id = tableId(table);
  for (const dataSet of dataSets) {
    const base = ['dataSets', dataSet.name];
    if (dataSet.kind === 'flat') {
      const index = dataSet.tables.findIndex(({ source }) => tableId(source) === id);
      if (index >= 0) return [...base, 'tables', index];
      continue;
    }
    if (tableId(dataSet.root) === id) return [...base, 'root'];
    const index = dataSet.reads.findIndex((read) => tableId(read.table) === id);
    if (index >= 0) return [...base, 'reads', index, 'table'];
  }
  return [];
}

/** A query that cannot even see its tables would only repeat what is already reported. */
function isQueryable(dataSet: JoinedDataSet, tables: readonly PreflightTable[]): boolean {
  const readable = new Map(tables.map(({ table, relation }) => [tableId(table), relation]));
  const root = readable.get(tableId(dataSet.root));
  const hasKey = dataSet.keyColumns.every((key) => root?.columns.some(({ name }) => name === key));
  return (
    hasKey &&
    [dataSet.root, ...dataSet.reads.map((read) => read.table)].every((table) => {
      const relation = readable.get(tableId(table));
      return relation?.maySelect && !relation.hidesRows;
    })
  );
}

async function checkJoined(
  client: ClientBase,
  dataSet: JoinedDataSet,
  { schema, problems }: TableScope & { schema: SourceSchema },
): Promise<void> {
  const rootOf = (table: TableRef): TableRef => {
    const relation = schema.find(table);
    return (relation && schema.ancestorsOf(relation).at(-1)?.table) ?? table;
  };
  const faults = await new JoinedQueryCheck(client, dataSet, rootOf).run();
  for (const { path, what, fix } of faults) problems.at(['dataSets', dataSet.name, ...path], what, fix);
}
