import { DatabaseError, type ClientBase, type CustomTypesConfig, type QueryArrayResult } from 'pg';
import type { JoinedDataSet, ProblemText } from '@astro/catalogue';
import { encodeKey, tableName, type TableRef } from '@astro/sync-core';
import { columnsSql, tableSql } from './sql-names.js';

/** One fault of a joined data set; `path` is relative to the data set's entry. */
export interface QueryFault extends ProblemText {
  readonly path: readonly (string | number)[];
}

/** Enough to meet a join that multiplies rows, few enough to be quick. */
const SAMPLE_KEYS = 100;
const TIME_LIMIT_SECONDS = 15;
const QUERY_CANCELED = '57014';
const PARAMETER_MISMATCH = '08P01';
const JSON_OIDS = new Set([114, 3802]);

/** All values as the server's own text. */
const AS_TEXT: CustomTypesConfig = { getTypeParser: () => (text: unknown) => text };

/**
 * Runs the queries of a joined data set, first for no key, then for some, inside a read-only transaction that is
 * rolled back.
 */
export class JoinedQueryCheck {
  private readonly faults: QueryFault[] = [];

  constructor(
    private readonly client: ClientBase,
    private readonly dataSet: JoinedDataSet,
    /** Partitions count as the tables they belong to. */
    private readonly rootOf: (table: TableRef) => TableRef,
  ) {}

  async run(): Promise<readonly QueryFault[]> {
    await this.client.query('BEGIN READ ONLY');
    try {
      await this.client.query(`SET LOCAL statement_timeout = '${TIME_LIMIT_SECONDS}s'`);
      await this.client.query('SET LOCAL search_path = pg_catalog'); // as the lane will run it
      await this.checkQuery();
      for (const index of this.dataSet.reads.keys()) await this.checkRead(index);
    } finally {
      await this.client.query('ROLLBACK');
    }
    return this.faults;
  }

  private async checkQuery(): Promise<void> {
    const { root, keyColumns, query } = this.dataSet;
    const empty = await this.execute(query, [], ['query']);
    if (!empty) return;
    this.checkColumns(empty);
    if (empty.rows.length > 0) {
      this.fault(['query'], 'the query returns rows although no key is asked', 'limit it with WHERE … = ANY($1)');
      return;
    }
    const keys = await this.sample(root, keyColumns);
    const found = await this.execute(query, keys, ['query']);
    if (!found) return;
    const seen = new Set<string>();
    for (const row of found.rows as readonly (readonly string[])[]) {
      const key = encodeKey(row.slice(0, keyColumns.length));
      if (!seen.has(key)) seen.add(key);
      else
        return this.fault(['query'], `the query returns more than one row for key ${key}`, 'aggregate what it joins');
    }
    await this.checkTablesRead(keys);
  }

  private checkColumns({ fields }: QueryArrayResult): void {
    const { keyColumns, nested } = this.dataSet;
    const names = fields.map(({ name }) => name);
    const first = names.slice(0, keyColumns.length);
    if (first.join('\n') !== keyColumns.join('\n')) {
      const what = `the query returns (${first.join(', ')}) first instead of the key (${keyColumns.join(', ')})`;
      this.fault(['query'], what, 'select the key columns first, in the order of key');
    }
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      this.fault(['query'], `the query returns two columns "${twice}"`, 'name one of them otherwise with AS');
    }
    nested.forEach((name, index) => {
      const field = fields.find((candidate) => candidate.name === name);
      if (!field)
        this.fault(['nested', index], `the query returns no column "${name}"`, 'select it, or remove it here');
      else if (!JSON_OIDS.has(field.dataTypeID)) {
        this.fault(
          ['nested', index],
          `column "${name}" is not json`,
          'build it with json_build_object, or remove it here',
        );
      }
    });
  }

  /** A table that the query reads without `reads` knowing it would leave documents stale. */
  private async checkTablesRead(keys: readonly string[]): Promise<void> {
    const { root, reads, query } = this.dataSet;
    const known = new Set([root, ...reads.map(({ table }) => table)].map(tableName));
    const plan = await this.execute(`EXPLAIN (VERBOSE, FORMAT JSON) ${query}`, keys, ['query']);
    const text = String((plan?.rows[0] as readonly string[] | undefined)?.[0] ?? '[]');
    const used = new Set(relationsOf(JSON.parse(text)).map((table) => tableName(this.rootOf(table))));
    for (const name of used) {
      if (known.has(name)) continue;
      const what = `the query reads ${name}, but reads does not say how its changes lead to root keys`;
      this.fault(['query'], what, `add { table: ${name}, … } to reads`);
    }
  }

  private async checkRead(index: number): Promise<void> {
    const { reads, keyColumns } = this.dataSet;
    const { via, table } = reads[index]!;
    if (!('query' in via)) return;
    const path = ['reads', index, 'query'];
    const empty = await this.execute(via.query, [], path);
    if (!empty) return;
    if (empty.fields.length !== keyColumns.length) {
      const what = `the query returns ${empty.fields.length} columns instead of the key (${keyColumns.join(', ')})`;
      this.fault(path, what, 'select the key columns of the root table and nothing else');
    }
    if (empty.rows.length > 0) {
      this.fault(path, 'the query returns keys although nothing is asked', 'limit it with WHERE … = ANY($1)');
    } else await this.execute(via.query, await this.sample(table, [via.of]), path);
  }

  private async sample(table: TableRef, columns: readonly string[]): Promise<readonly string[]> {
    const present = columns.map((column) => `${columnsSql([column])} IS NOT NULL`).join(' AND ');
    const sql = `SELECT ${columnsSql(columns)} FROM ${tableSql(table)} WHERE ${present} LIMIT ${SAMPLE_KEYS}`;
    const { rows } = await this.client.query<string[]>({ text: sql, rowMode: 'array', types: AS_TEXT });
    return rows.map((row) => encodeKey(row));
  }

  /** @returns null when the server refused; that is reported, and the transaction goes on */
  private async execute(
    text: string,
    keys: readonly string[],
    path: QueryFault['path'],
  ): Promise<QueryArrayResult | null> {
    await this.client.query('SAVEPOINT query_check');
    try {
      return await this.client.query({ text, values: [keys], rowMode: 'array', types: AS_TEXT });
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      await this.client.query('ROLLBACK TO query_check');
      this.faults.push({ path, ...refusal(error, text) });
      return null;
    }
  }

  private fault(path: QueryFault['path'], what: string, fix: string): void {
    this.faults.push({ path, what, fix });
  }
}

function refusal({ code, message, position, hint }: DatabaseError, text: string): ProblemText {
  if (code === QUERY_CANCELED) {
    const what = `the query took longer than ${TIME_LIMIT_SECONDS} s for ${SAMPLE_KEYS} keys`;
    return { what, fix: 'add an index that it can use' };
  }
  if (code === PARAMETER_MISMATCH) return { what: 'the query uses more than $1', fix: 'only $1, an array, is given' };
  const place = position === undefined ? '' : ` at ${placeIn(text, Number(position))}`;
  return { what: `PostgreSQL refuses the query${place}: ${message}`, fix: hint ?? 'correct the query' };
}

/** Counts characters (not UTF-16 units) from 1, as the server does. */
function placeIn(text: string, position: number): string {
  const lines = [...text]
    .slice(0, position - 1)
    .join('')
    .split('\n');
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
}

/** Every relation in a plan of EXPLAIN (VERBOSE, FORMAT JSON). */
function relationsOf(plan: unknown): readonly TableRef[] {
  if (Array.isArray(plan)) return plan.flatMap(relationsOf);
  if (typeof plan !== 'object' || plan === null) return [];
  const { 'Relation Name': name, Schema: schema } = plan as Record<string, unknown>;
  const own = typeof name === 'string' && typeof schema === 'string' ? [{ schema, name }] : [];
  const isSystem = schema === 'pg_catalog' || schema === 'information_schema';
  return [...(isSystem ? [] : own), ...Object.values(plan).flatMap(relationsOf)];
}
