import { query, testServers } from '@astro/testing';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { claimStatement } from './claim.js';
import { uninstallSql } from './installer-sql.js';
import { RecordedDatabase } from './recorded.fixture.js';
import { OpenTransactionError, TransactionAbortedError, withOrigin } from './with-origin.js';

const ORIGIN = {
  service: 'BookingAPI',
  user: "u-7'; --",
  action: 'bookings.create',
  reason: 'Zoë 🚀',
  correlationId: 'c-1',
};

let database: RecordedDatabase;
let client: pg.Client;
let pool: pg.Pool;
let dataSource: DataSource;

beforeAll(async () => {
  database = await RecordedDatabase.create();
  client = await database.connect();
  ({ pool, dataSource } = await openFor(database));
});
afterAll(async () => {
  await close({ pool, dataSource });
  await database.drop();
});
beforeEach(async () => {
  await client.query('TRUNCATE public.t');
  await database.take();
});

async function openFor({ url }: RecordedDatabase) {
  const address = new URL(url);
  address.searchParams.delete('sslmode');
  address.searchParams.delete('sslrootcert');
  const ssl = new pg.Client({ connectionString: url }).ssl;
  const source = new DataSource({ type: 'postgres', url: address.href, ssl, extra: { max: 2 } });
  return { pool: new pg.Pool({ connectionString: url, max: 2 }), dataSource: await source.initialize() };
}

async function close(opened: { pool: pg.Pool; dataSource: DataSource }): Promise<void> {
  await opened.pool.end();
  await opened.dataSource.destroy();
}

const rows = async () => (await client.query<{ id: number }>('SELECT id FROM t ORDER BY id')).rows.map(({ id }) => id);

/** The same for each kind of target: runs statements in one transaction with `origin`. */
const kinds = {
  client: (origin: typeof ORIGIN | object, ...statements: string[]) =>
    withOrigin(client, origin, async (tx) => {
      for (const statement of statements) await tx.query(statement);
      return 'done';
    }),
  pool: (origin: typeof ORIGIN | object, ...statements: string[]) =>
    withOrigin(pool, origin, async (tx) => {
      for (const statement of statements) await tx.query(statement);
      return 'done';
    }),
  TypeORM: (origin: typeof ORIGIN | object, ...statements: string[]) =>
    withOrigin(dataSource, origin, async (manager) => {
      for (const statement of statements) await manager.query(statement);
      return 'done';
    }),
};

describe.each(Object.entries(kinds))('with a %s', (_name, run) => {
  it('all changes carry the origin, and the result is given back', async () => {
    expect(await run(ORIGIN, 'INSERT INTO public.t VALUES (1)', 'INSERT INTO public.t VALUES (2)')).toBe('done');
    const recorded = await database.takeOne();
    expect([recorded.messages.length, recorded.changes]).toEqual([1, 2]);
    expect(recorded.origin?.asserted).toEqual(ORIGIN);
  });

  it('an error undoes everything and is passed on', async () => {
    await expect(run(ORIGIN, 'INSERT INTO public.t VALUES (1)', 'SELECT 1 / 0')).rejects.toThrow('division by zero');
    expect(await rows()).toEqual([]);
    expect(await database.take()).toEqual([]);
    expect(await run({}, 'INSERT INTO public.t VALUES (3)')).toBe('done');
  });

  it('a claim without fields is unattributed, also when the session claims something', async () => {
    await run({}, 'INSERT INTO public.t VALUES (1)');
    expect((await database.takeOne()).origin?.asserted).toEqual({});
  });

  it('long texts are cut and characters that PostgreSQL cannot hold are left out', async () => {
    await run({ service: 'a\0b', user: '🚀'.repeat(2_000) }, 'INSERT INTO public.t VALUES (1)');
    expect((await database.takeOne()).messages[0]).toContain(`{"service" : "ab", "user" : "${'🚀'.repeat(500)}", `);
  });
});

describe('the claim', () => {
  it('ends with the transaction', async () => {
    await kinds.client(ORIGIN, 'INSERT INTO public.t VALUES (1)');
    await client.query('INSERT INTO public.t VALUES (2)');
    const [, second] = await database.take();
    expect(second?.origin?.asserted).toEqual({});
  });

  it('can be made in a transaction of one’s own, also after its first write', async () => {
    const { text, values } = claimStatement(ORIGIN);
    await client.query('BEGIN; INSERT INTO public.t VALUES (1)');
    await client.query(text, [...values]);
    await client.query('INSERT INTO public.t VALUES (2); COMMIT');
    expect((await database.takeOne()).origin?.asserted).toEqual(ORIGIN);
  });

  it.each(['LATIN1', 'SQL_ASCII'])('never stops a write in a %s database', async (encoding) => {
    const other = await RecordedDatabase.create({ encoding });
    const opened = await openFor(other);
    const insert = 'INSERT INTO public.t VALUES ($1)';
    await withOrigin(opened.pool, ORIGIN, (tx) => tx.query(insert, [1]));
    await withOrigin(opened.dataSource, ORIGIN, (manager) => manager.query(insert, [2]));
    const claims = (await other.take()).map(({ origin }) => origin?.asserted);
    const expected = { ...ORIGIN, ...(encoding === 'LATIN1' && { reason: 'Zo? ?' }) };
    expect(claims).toEqual([expected, expected]);
    await close(opened);
    await other.drop();
  });

  it('needs nothing installed', async () => {
    const bare = await RecordedDatabase.create();
    await query(bare.url, uninstallSql());
    const opened = await openFor(bare);
    await withOrigin(opened.pool, ORIGIN, (tx) => tx.query('INSERT INTO public.t VALUES (1)'));
    expect(await bare.take()).toEqual([{ messages: [], origin: undefined, changes: 1 }]);
    await close(opened);
    await bare.drop();
  });
});

describe('misuse and lost connections', () => {
  it('a client inside a transaction is refused and left as it is', async () => {
    await client.query('BEGIN; INSERT INTO public.t VALUES (1)');
    await expect(kinds.client(ORIGIN, 'SELECT 1')).rejects.toThrow(OpenTransactionError);
    await client.query('COMMIT');
    expect(await rows()).toEqual([1]);
  });

  it('an error that the work hides does not look like a commit', async () => {
    const hide = withOrigin(client, ORIGIN, async (tx) => {
      await tx.query('INSERT INTO public.t VALUES (1)');
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(hide).rejects.toThrow(TransactionAbortedError);
    expect(await rows()).toEqual([]);
  });

  it('a lost connection rejects the work and does not return to the pool', async () => {
    const lost = withOrigin(pool, ORIGIN, async (tx) => {
      const { rows: found } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await query(testServers().operations, 'SELECT pg_terminate_backend($1, 10000)', [found[0]?.pid]);
      await tx.query('INSERT INTO public.t VALUES (1)');
    });
    await expect(lost).rejects.toThrow();
    expect(await kinds.pool(ORIGIN, 'INSERT INTO public.t VALUES (2)')).toBe('done');
    expect(await rows()).toEqual([2]);
  });
});
