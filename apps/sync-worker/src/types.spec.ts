import { to as copyTo } from 'pg-copy-streams';
import type { Client } from 'pg';
import { Rig } from './testing/rig.fixture.js';
import { COLUMNS, TYPES_SQL, TYPE_VALUES, WITHOUT_INPUT } from './testing/type-values.fixture.js';

/**
 * P7: a document value cast back to its column's type is the identical value, and a row's document has the same bytes
 * whether it was copied or came by the stream. Every storable type, with its extreme values.
 */

const ROWS = Math.max(...COLUMNS.map(([, ...values]) => values.length));
const BIG_ROW = ROWS + 1;
const TEXT_ONLY = { getTypeParser: () => (value: string) => value };
const columnName = (i: number) => `c${i}`;

const SCHEMA = `${TYPES_SQL}
CREATE TABLE app.values (id integer PRIMARY KEY, touched integer NOT NULL DEFAULT 0,
  ${COLUMNS.map(([type], i) => `${columnName(i)} ${type}`).join(', ')}, big text, "b""${'é'.repeat(30)}" text);
ALTER TABLE app.values ALTER big SET STORAGE EXTERNAL;`;

const DATA_SETS = `  values:
    from: operations
    to: cache
    tables: [app.values]
  rows:
    from: operations
    to: system
    tables:
      - table: app.values
        into: app.values`;

const HOSTILE = `
DO $do$ BEGIN
  EXECUTE format('ALTER DATABASE %I SET datestyle = ''SQL, DMY''', current_database());
  EXECUTE format('ALTER DATABASE %I SET intervalstyle = ''sql_standard''', current_database());
  EXECUTE format('ALTER DATABASE %I SET bytea_output = ''escape''', current_database());
  EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Kolkata''', current_database());
  EXECUTE format('ALTER DATABASE %I SET extra_float_digits = -15', current_database());
  EXECUTE format('ALTER DATABASE %I SET search_path = app, public', current_database());
END $do$;`;

describe.each([
  ['plain', ''],
  ['hostile', HOSTILE],
])('with %s settings of the databases', (_name, settings) => {
  let rig: Rig;
  let copied: ReadonlyMap<number, string>;

  beforeAll(async () => {
    rig = await Rig.create(`${SCHEMA}${settings}`, DATA_SETS);
    await rig.system.query(`${TYPES_SQL}${settings}`);
    await fill(rig.operations);
    await rig.setUp();
    await rig.start();
    await rig.streaming();
    copied = await documents();
  });

  afterAll(() => rig.destroy());

  async function documents(): Promise<ReadonlyMap<number, string>> {
    const ids = Array.from({ length: BIG_ROW }, (_none, i) => i + 1);
    const found = await rig.cache.mget(ids.map((id) => `{values}:${id}`));
    return new Map(ids.map((id, i) => [id, found[i] ?? 'missing']));
  }

  /** Documents and rows of both targets against the source, `touched` times after the copy. */
  async function expectSame(touched: number): Promise<void> {
    await rig.settled();
    for (const [id, document] of await documents()) {
      expect(document).toBe(copied.get(id)?.replace('"touched":0', `"touched":${touched}`));
    }
    expect(await texts(rig.system)).toEqual(await texts(rig.operations));
  }

  it('gives documents whose values cast back to the identical values', async () => {
    await rig.operations.query('CREATE TABLE app.back (LIKE app.values)');
    for (const document of copied.values()) {
      const row = Object.values(JSON.parse(document) as Record<string, string | number | boolean | null>);
      await rig.operations.query({
        text: `INSERT INTO app.back VALUES (${row.map((_value, i) => `$${i + 1}`).join(', ')})`,
        values: row,
      });
    }
    const binary = (table: string) => binaryOf(rig.operations, table);
    expect((await binary('app.back')).equals(await binary('app.values'))).toBe(true);
    expect(await texts(rig.operations, 'app.back')).toEqual(await texts(rig.operations));
    await rig.operations.query('DROP TABLE app.back');
  });

  it('gives the rows of a SystemDB table the identical values', () => expectSame(0));

  it('gives the same bytes for rows that came by the stream with their large values unchanged (W13)', async () => {
    await rig.operations.query('UPDATE app.values SET touched = 1');
    await expectSame(1);
  });

  it('gives the same bytes for rows that came by the stream whole', async () => {
    await rig.operations.query(`BEGIN; CREATE TEMP TABLE kept AS TABLE app.values; DELETE FROM app.values; COMMIT`);
    await rig.settled();
    expect(await rig.cache.keys('{values}:*')).toEqual([]);
    await rig.operations.query('INSERT INTO app.values TABLE kept; DROP TABLE kept');
    await expectSame(1);
  });

  it('gives the same bytes for rows that came by the stream with their whole old row (W14)', async () => {
    await rig.operations.query('ALTER TABLE app.values REPLICA IDENTITY FULL; UPDATE app.values SET touched = 2');
    await expectSame(2);
  });
});

it('holds every type that the server has', async () => {
  const rig = await Rig.create(SCHEMA, DATA_SETS);
  try {
    const { rows } = await rig.operations.query<{ name: string }>(
      `SELECT t.typname AS name FROM pg_type t
       WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm') AND t.typelem = 0
         AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = 'app.values'::regclass AND a.atttypid = t.oid)`,
    );
    expect(rows.map(({ name }) => name).filter((name) => !WITHOUT_INPUT.has(name))).toEqual([]);
    const kinds = await rig.operations.query(
      `SELECT DISTINCT t.typtype FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
       WHERE a.attrelid = 'app.values'::regclass ORDER BY 1`,
    );
    expect(kinds.rows.map(({ typtype }) => String(typtype))).toEqual(['b', 'c', 'd', 'e', 'm', 'r']);
    expect(TYPE_VALUES.length).toBeGreaterThan(80);
  } finally {
    await rig.destroy();
  }
});

/** Row n holds the n-th value of each column; the last row holds a value of 2 MB. */
async function fill(client: Client): Promise<void> {
  const names = COLUMNS.map((_column, i) => columnName(i)).join(', ');
  const slots = COLUMNS.map((_column, i) => `$${i + 2}`).join(', ');
  for (let row = 0; row < ROWS; row++) {
    const values = COLUMNS.map(([, ...all]) => all[row] ?? null);
    await client.query(`INSERT INTO app.values (id, ${names}) VALUES ($1, ${slots})`, [row + 1, ...values]);
  }
  await client.query(
    `INSERT INTO app.values (id, big) SELECT $1, string_agg(md5(n::text), 'é"\\') FROM generate_series(1, 58000) n`,
    [BIG_ROW],
  );
}

/** Every row as PostgreSQL's own texts, one line per value so that a difference names its column. */
async function texts(client: Client, table = 'app.values'): Promise<readonly string[]> {
  const { rows, fields } = await client.query<string[]>({
    text: `SELECT * FROM ${table} ORDER BY id`,
    rowMode: 'array',
    types: TEXT_ONLY,
  });
  const label = (i: number) => COLUMNS[i - 2]?.[0] ?? fields[i]?.name;
  return rows.flatMap((row) => row.map((value, i) => `${row[0]} ${label(i)} ${value}`));
}

/** Columns whose type has a binary form, in that form. */
async function binaryOf(client: Client, table: string): Promise<Buffer> {
  const columns = COLUMNS.flatMap(([type], i) => (type.startsWith('aclitem') ? [] : [columnName(i)]));
  const select = `SELECT id, touched, big, ${columns.join(', ')} FROM ${table} ORDER BY id`;
  const stream = client.query(copyTo(`COPY (${select}) TO STDOUT (FORMAT binary)`));
  const pieces: Buffer[] = [];
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
