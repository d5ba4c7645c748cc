import { ConfigError, FencedError, PoisonError } from '@astro/sync-core';
import { isTransientPostgresError } from '@astro/runtime';
import { waitFor } from '@astro/testing';
import { COMPLETE, TargetDatabase, nextMove, state, write } from './postgres-target.fixture.js';

const TABLE = [{ name: 'item' }];
const PART = { ...COMPLETE, partial: true };

let database: TargetDatabase;

beforeAll(async () => {
  database = await TargetDatabase.create();
});

afterAll(() => database.drop());

beforeEach(() =>
  database.begin('CREATE TABLE app.item (id int PRIMARY KEY, name varchar(5) NOT NULL CHECK (name <> $$bad$$))'),
);

afterEach(() => database.closeTargets());

const rows = () => database.rows('SELECT id, name FROM app.item ORDER BY id');
const item = (id: number, name: string | null = 'x') => ({ truncated: [], states: [state(id, { id, name })] });
const move = (expected: string | null, next: string) => ({ expected, next });

describe('a source transaction in parts', () => {
  it('is invisible until the last part, and then there with its state', async () => {
    const target = database.open(TABLE);
    await target.write(item(1), move(null, '1'), PART);
    await target.write(item(2), move('1', '2'), PART);
    expect([await rows(), await database.rows('SELECT * FROM sync.target_positions')]).toEqual([[], []]);
    await target.write(item(3), move('2', '3'), COMPLETE);
    expect(await rows()).toHaveLength(3);
    expect(await database.rows('SELECT state FROM sync.target_positions')).toEqual([['3']]);
  });

  it('leaves nothing when the connection is lost between parts', async () => {
    const target = database.open(TABLE, 'lost');
    await target.write(item(1), move(null, '1'), PART);
    await endSessions('lost');
    const failed = target.write(item(2), move('1', '2'), COMPLETE);
    expect(isTransientPostgresError(await failed.catch((error: unknown) => error))).toBe(true);
    expect(await rows()).toEqual([]);
    expect(await target.readState()).toBeNull();
    await write(target, item(1).states);
    expect(await rows()).toEqual([['1', 'x']]);
  });

  it('keeps the earlier parts when one cannot be written', async () => {
    const target = database.open(TABLE);
    await target.write(item(1), move(null, '1'), PART);
    await expect(target.write(item(2, 'bad'), move('1', '2'), PART)).rejects.toBeInstanceOf(PoisonError);
    await target.write(item(3), move('1', '2'), PART);
    await expect(target.write(item(4, null), move('2', '3'), COMPLETE)).rejects.toBeInstanceOf(PoisonError);
    await target.write(item(5), move('2', '3'), COMPLETE);
    expect((await rows()).map(([id]) => id)).toEqual(['1', '3', '5']);
    expect(await target.readState()).toBe('3');
  });

  it('carries columns to new keys in every part', async () => {
    const target = database.open(TABLE);
    await write(target, item(1, 'a').states);
    const rename = (from: number, to: number) => ({
      truncated: [],
      states: [
        state(from, null),
        state(to, { id: to, name: null }, { carry: { fromKey: `${from}`, columns: ['name'] } }),
      ],
    });
    const expected = await target.readState();
    await target.write(rename(1, 2), move(expected, '1'), PART);
    await target.write(rename(2, 3), move('1', '2'), COMPLETE);
    expect(await rows()).toEqual([['3', 'a']]);
  });

  it('makes another worker wait, which is fenced out in the end', async () => {
    const [first, second] = [database.open(TABLE), database.open(TABLE, 'second')];
    await first.write(item(1), move(null, '1'), PART);
    const late = second.write(item(9), move(null, '9'), COMPLETE).catch((error: unknown) => error);
    await waitFor(() => isWaiting('second'), { what: 'the second worker to wait' });
    await first.write(item(2), move('1', '2'), COMPLETE);
    expect(await late).toBeInstanceOf(FencedError);
    expect((await rows()).map(([id]) => id)).toEqual(['1', '2']);
  });
});

async function endSessions(applicationName: string): Promise<void> {
  await database.client.query(
    'SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1',
    [applicationName],
  );
}

async function isWaiting(applicationName: string): Promise<boolean> {
  const sql = `SELECT 1 FROM pg_stat_activity WHERE application_name = '${applicationName}' AND wait_event_type = 'Lock'`;
  return (await database.rows(sql)).length > 0;
}

describe('data that cannot be written', () => {
  it.each([
    ['null where none may be', null, '23502', /null value in column "name"/],
    ['a check', 'bad', '23514', /constraint "item_name_check"/],
    ['a value that is too long, which is not cut', 'abcdef', '22001', /too long/],
  ])('is poison: %s', async (_what, name, code, message) => {
    const target = database.open(TABLE);
    await write(target, item(1).states);
    const failed = write(target, [...item(2).states, ...item(3, name).states]);
    await expect(failed).rejects.toMatchObject({ code: 'SYNC_POISON', cause: { code } });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow(/^app\.item did not take a row/);
    expect(await rows()).toEqual([['1', 'x']]);
    await write(target, item(2).states);
    expect(await rows()).toHaveLength(2);
  });

  it('is poison when a text is not a value of the type, or a trigger refuses', async () => {
    const target = database.open(TABLE);
    await expect(write(target, [state('x', { id: 'x', name: 'x' })])).rejects.toMatchObject({
      cause: { code: '22P02' },
    });
    await database.client.query(`
      CREATE FUNCTION app.refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'not today'; END$$;
      CREATE TRIGGER refuse BEFORE INSERT ON app.item FOR EACH ROW EXECUTE FUNCTION app.refuse();`);
    await expect(write(target, item(1).states)).rejects.toMatchObject({
      code: 'SYNC_POISON',
      cause: { code: 'P0001' },
    });
  });
});

describe('a target that is not set up', () => {
  it.each([
    ['DROP TABLE app.item', /Target table app\.item does not exist\. Run `npm run sync -- setup`/],
    ['ALTER TABLE app.item DROP COLUMN name', /has no column "name"\. Run `npm run sync -- setup`/],
    ['ALTER TABLE app.item DROP CONSTRAINT item_pkey', /no unique index on exactly \(id\)/],
  ])('says what is missing after %s, and goes on once it is there', async (ddl, message) => {
    const target = database.open(TABLE);
    await database.client.query(`CREATE TABLE app.kept (LIKE app.item INCLUDING ALL); ${ddl}`);
    const failed = write(target, item(1).states);
    await expect(failed).rejects.toBeInstanceOf(ConfigError);
    await expect(failed).rejects.toThrow(message);
    await database.client.query('DROP TABLE IF EXISTS app.item; ALTER TABLE app.kept RENAME TO item');
    await write(target, item(1).states);
    expect(await rows()).toHaveLength(1);
  });

  it('says so when the table of positions is missing', async () => {
    await database.client.query('ALTER TABLE sync.target_positions RENAME TO away');
    await expect(database.open(TABLE).readState()).rejects.toThrow(/sync\.target_positions.*npm run sync -- setup/);
    await database.client.query('ALTER TABLE sync.away RENAME TO target_positions');
  });

  it('says so when a column goes while it is being written', async () => {
    const target = database.open(TABLE);
    await write(target, item(1).states);
    await database.client.query('ALTER TABLE app.item RENAME name TO title');
    await expect(write(target, item(1).states)).rejects.toThrow(/app\.item.*npm run sync -- setup/);
  });

  it('says which right is missing', async () => {
    const target = database.open(TABLE, 'no-rights');
    await target.isEmpty();
    await database.client.query(`CREATE ROLE ${ROLE}; GRANT ${ROLE} TO CURRENT_USER`);
    try {
      await database.client.query(
        `GRANT USAGE ON SCHEMA sync, app TO ${ROLE}; GRANT ALL ON sync.target_positions TO ${ROLE}`,
      );
      await database.client.query(`ALTER DATABASE ${await databaseName()} SET role = ${ROLE}`);
      await target.reset();
      await expect(write(target, item(1).states)).rejects.toThrow(/may not write app\.item: permission denied/);
    } finally {
      await database.client.query(
        `ALTER DATABASE ${await databaseName()} RESET role; DROP OWNED BY ${ROLE}; DROP ROLE ${ROLE}`,
      );
    }
  });
});

const ROLE = `target_no_rights_${process.pid}`;

async function databaseName(): Promise<string> {
  return (await database.rows('SELECT quote_ident(current_database())'))[0]?.[0] as string;
}

describe('tables as people make them', () => {
  it('writes odd names, composite keys, generated and identity columns', async () => {
    await database.begin(`
      CREATE TABLE app."odd ""table"" $1" (
        "b key" text, "a;key" int GENERATED ALWAYS AS IDENTITY, "select" text, __proto__ text, "1" bigint,
        sum bigint GENERATED ALWAYS AS ("1" + 1) STORED, own text DEFAULT 'mine', serial int GENERATED ALWAYS AS IDENTITY,
        PRIMARY KEY ("a;key", "b key"))`);
    const table = { name: 'odd "table" $1', keyColumns: ['b key', 'a;key'] };
    const target = database.open([table]);
    const document = (values: string) => ({ ...state('["k\\"","7"]', null), document: values });
    const text = `{"b key":"k\\"","a;key":7,"select":"s","__proto__":"p","1":"41","sum":"0","serial":5}`;
    await write(target, [document(text)]);
    await write(target, [document(text.replace('41', '42'))]);
    expect(await database.rows(`SELECT * FROM app."odd ""table"" $1"`)).toEqual([
      ['k"', '7', 's', 'p', '42', '43', 'mine', '5'],
    ]);
    const keys: string[] = [];
    for await (const page of target.keys(1, 1)) keys.push(...page);
    expect(keys).toEqual(['["k\\"","7"]']);
    await write(target, [state('["k\\"","7"]', null)]);
    expect(await target.isEmpty()).toBe(true);
  });

  it('writes chosen columns and leaves the others alone', async () => {
    await database.begin('CREATE TABLE app.item (id int PRIMARY KEY, name text, own text)');
    const target = database.open([{ name: 'item', columns: ['name'] }]);
    await database.client.query(`INSERT INTO app.item VALUES (1, 'old', 'mine')`);
    await write(target, [
      state(1, { id: 1, name: 'new', own: 'theirs', more: 'x' }),
      state(2, { id: 2, name: 'two', more: 'x' }),
    ]);
    expect(await database.rows('SELECT * FROM app.item ORDER BY id')).toEqual([
      ['1', 'new', 'mine'],
      ['2', 'two', null],
    ]);
  });

  it('writes tables of keys only', async () => {
    await database.begin('CREATE TABLE app.pair (a int, b int, PRIMARY KEY (a, b))');
    const target = database.open([{ name: 'pair', keyColumns: ['a', 'b'] }]);
    for (let replay = 0; replay < 2; replay++) await write(target, [state('["1","2"]', { a: 1, b: 2 })]);
    await write(target, [state('["1","2"]', { a: 1, b: 2 }, { carry: { fromKey: '["1","2"]', columns: ['b'] } })]);
    expect(await database.rows('SELECT * FROM app.pair')).toEqual([['1', '2']]);
  });

  it('pages composite keys in order, with operators of an extension type too', async () => {
    await database.begin(`CREATE EXTENSION IF NOT EXISTS citext SCHEMA app;
      CREATE TABLE app.pair (a app.citext, b int, PRIMARY KEY (a, b));
      INSERT INTO app.pair SELECT a, b FROM unnest('{b,A,c}'::text[]) a, generate_series(1, 3) b`);
    const target = database.open([{ name: 'pair', keyColumns: ['a', 'b'] }]);
    const keys: string[] = [];
    for await (const page of target.keys(1, 2)) keys.push(...page);
    expect(keys).toEqual(['A', 'b', 'c'].flatMap((a) => [1, 2, 3].map((b) => JSON.stringify([a, String(b)]))));
    await write(target, [state('["a","1"]', { a: 'a', b: 1 }), state('["B","2"]', null)]);
    expect(await database.rows('SELECT count(*) FROM app.pair')).toEqual([['8']]);
  });

  it('keeps prepared statements right when a column changes its type', async () => {
    const target = database.open(TABLE);
    await write(target, item(1).states);
    await database.client.query('ALTER TABLE app.item ALTER name TYPE text');
    await write(target, item(2, 'longer than before').states);
    expect(await rows()).toHaveLength(2);
  });

  it('moves on after a lost connection', async () => {
    const target = database.open(TABLE, 'idle');
    await write(target, item(1).states);
    const next = await nextMove(target);
    await endSessions('idle');
    const failed = target.write(item(2), next, COMPLETE);
    expect(isTransientPostgresError(await failed.catch((error: unknown) => error))).toBe(true);
    await target.write(item(2), next, COMPLETE);
    expect(await rows()).toHaveLength(2);
  });
});
