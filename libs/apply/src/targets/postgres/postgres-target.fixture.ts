import { Client } from 'pg';
import { postgresConfig } from '@astro/runtime';
import { createDatabase, testServers, type TestDatabase } from '@astro/testing';
import { linesAsRows } from '../contract-rows.js';
import type { KeyState, RowChunk, StateMove, Target, WriteOptions } from '../target.js';
import { PostgresTarget } from './postgres-target.js';
import type { PostgresTargetTable } from './table-shape.js';

const POSITIONS = `CREATE SCHEMA sync;
CREATE TABLE sync.target_positions (lane text NOT NULL PRIMARY KEY, state text NOT NULL)`;

/** A table of a test; its id is its place in the list, from 1. */
export type FixtureTable = Partial<Omit<PostgresTargetTable, 'tableId' | 'target'>> & { readonly name: string };

/** A target database, and targets on it that are closed with it. */
export class TargetDatabase {
  private readonly opened: Target[] = [];

  private constructor(
    private readonly database: TestDatabase,
    readonly client: Client,
  ) {}

  static async create(): Promise<TargetDatabase> {
    const database = await createDatabase(testServers().system, 'target');
    const client = new Client(postgresConfig(database.url, { applicationName: 'target-check' }));
    await client.connect();
    await client.query(POSITIONS);
    return new TargetDatabase(database, client);
  }

  /** Runs `ddl` in an empty schema `app`, and forgets the state of every lane. */
  async begin(ddl: string): Promise<void> {
    await this.client.query('DROP SCHEMA IF EXISTS app CASCADE; CREATE SCHEMA app; TRUNCATE sync.target_positions');
    await this.client.query(ddl);
  }

  open(tables: readonly FixtureTable[], applicationName = 'target-test'): PostgresTarget {
    const target = new PostgresTarget({
      connection: postgresConfig(this.database.url, { applicationName }),
      lane: 'lane',
      tables: tables.map(({ name, keyColumns = ['id'], columns = null }, i) => ({
        tableId: i + 1,
        target: { schema: 'app', name },
        keyColumns,
        columns,
      })),
    });
    this.opened.push(target);
    return target;
  }

  /** Rows as arrays of PostgreSQL's texts. */
  async rows(sql: string): Promise<(string | null)[][]> {
    const types = { getTypeParser: () => (value: string) => value };
    return (await this.client.query<(string | null)[]>({ text: sql, rowMode: 'array', types })).rows;
  }

  async closeTargets(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((target) => target.reset()));
  }

  async drop(): Promise<void> {
    await this.closeTargets();
    await this.client.end();
    await this.database.drop();
  }
}

type Values = Readonly<Record<string, string | number | boolean | null>>;

export interface StateFacts {
  readonly tableId?: number;
  readonly carry?: KeyState['carry'];
}

let lastSeq = 0;

/** @param values null: the row is gone */
export function state(
  key: string | number,
  values: Values | null,
  { tableId = 1, carry = null }: StateFacts = {},
): KeyState {
  const position = { commitLsn: 1n as KeyState['position']['commitLsn'], seq: lastSeq++ };
  return { tableId, key: String(key), document: values && JSON.stringify(values), carry, position };
}

export const COMPLETE: WriteOptions = {
  partial: false,
  onIncomplete: () => Promise.reject(new Error('nothing is incomplete here')),
};

/** Writes one batch whatever state is stored. */
export async function write(
  target: Target,
  states: readonly KeyState[],
  options: Partial<WriteOptions> = {},
): Promise<void> {
  await target.write({ truncated: [], states }, await nextMove(target), { ...COMPLETE, ...options });
}

export async function nextMove(target: Target): Promise<StateMove> {
  const expected = await target.readState();
  return { expected, next: `${expected ?? 's'}+` };
}

/** @param lines COPY text, as ordinary strings */
export function rowChunk(columns: readonly string[], lines: readonly string[], tableId = 1): RowChunk {
  const described = columns.map((name) => ({ name, typeOid: 25 }));
  return { tableId, columns: described, ...linesAsRows(lines.map((line) => Buffer.from(`${line}\n`, 'utf8'))) };
}
