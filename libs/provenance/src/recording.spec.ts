import type pg from 'pg';
import { RecordedDatabase } from './recorded.fixture.js';
import { triggerSql } from './trigger-sql.js';

let database: RecordedDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await RecordedDatabase.create();
  client = await database.connect();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await client.query('TRUNCATE public.t');
  await database.take();
});

const claim = "SELECT sync.set_origin('BookingAPI', 'u-7', 'bookings.create', 'phone call', 'c-1')";
const claimed = {
  service: 'BookingAPI',
  user: 'u-7',
  action: 'bookings.create',
  reason: 'phone call',
  correlationId: 'c-1',
};

describe('what is recorded', () => {
  it('is what the server saw, when nobody claims the change', async () => {
    await client.query('INSERT INTO public.t VALUES (1)');
    const { origin } = await database.takeOne();
    expect(origin).toEqual({ asserted: {}, observed: { role: 'postgres', application: 'spec', address: '127.0.0.1' } });
  });

  it('is the claim of the transaction beside it', async () => {
    await client.query(`BEGIN; ${claim}; INSERT INTO public.t VALUES (1); COMMIT`);
    expect((await database.takeOne()).origin).toEqual({
      asserted: claimed,
      observed: { role: 'postgres', application: 'spec', address: '127.0.0.1' },
    });
  });

  it('is the claim of the session, made with plain settings', async () => {
    const session = await database.connect({ options: '-c sync.service=ReportJob' });
    await session.query(`SET sync."user" = 'nightly'`);
    await session.query('INSERT INTO public.t VALUES (1)');
    expect((await database.takeOne()).origin?.asserted).toEqual({ service: 'ReportJob', user: 'nightly' });
  });

  it('ends with the transaction that claimed it', async () => {
    await client.query(`BEGIN; ${claim}; INSERT INTO public.t VALUES (1); COMMIT`);
    await client.query('INSERT INTO public.t VALUES (2)');
    const [first, second] = await database.take();
    expect(first?.origin?.asserted).toEqual(claimed);
    expect(second?.origin?.asserted).toEqual({});
  });

  it('belongs to the transaction that is interleaved with others', async () => {
    const other = await database.connect({ application_name: 'other' });
    await client.query("BEGIN; SELECT sync.set_origin('A')");
    await other.query("BEGIN; SELECT sync.set_origin('B')");
    await client.query('INSERT INTO public.t VALUES (1)');
    await other.query('INSERT INTO public.t VALUES (2)');
    await client.query('INSERT INTO public.t VALUES (3)');
    await other.query('COMMIT');
    await client.query('COMMIT');
    const services = (await database.take()).map(({ origin, changes }) => [origin?.asserted.service, changes]);
    expect(services).toEqual([
      ['B', 1],
      ['A', 2],
    ]);
  });
});

describe('one message per transaction', () => {
  it.each([
    ['several statements', 'INSERT INTO t VALUES (1); UPDATE t SET id = 2; DELETE FROM t', 3],
    ['TRUNCATE', 'TRUNCATE t', 1],
    ['INSERT … ON CONFLICT', "INSERT INTO t VALUES (1), (2) ON CONFLICT (id) DO UPDATE SET note = 'x'", 2],
    ['MERGE', 'MERGE INTO t USING (VALUES (1)) v (id) ON t.id = v.id WHEN NOT MATCHED THEN INSERT VALUES (v.id)', 1],
    [
      'a data-modifying WITH',
      'WITH n AS (INSERT INTO t VALUES (1) RETURNING 2 AS id) INSERT INTO t SELECT id FROM n',
      2,
    ],
    ['a DO block', "DO $$ BEGIN INSERT INTO t VALUES (1); UPDATE t SET note = 'x'; END $$", 2],
  ])('with %s', async (_name, sql, changes) => {
    await client.query(`BEGIN; ${sql}; COMMIT`);
    const recorded = await database.takeOne();
    expect([recorded.messages.length, recorded.changes]).toEqual([1, changes]);
  });

  it('with COPY', async () => {
    await client.query("COPY public.t FROM PROGRAM 'printf ''1\\tone\\n2\\ttwo\\n'''");
    const recorded = await database.takeOne();
    expect([recorded.messages.length, recorded.changes]).toEqual([1, 2]);
  });

  it('with cascades over many parents', async () => {
    await client.query('CREATE TABLE public.child (id integer PRIMARY KEY, t integer REFERENCES t ON DELETE CASCADE)');
    await client.query(triggerSql({ schema: 'public', name: 'child' }));
    await client.query('INSERT INTO t SELECT generate_series(1, 50); INSERT INTO child SELECT id, id FROM t');
    await database.take();
    await client.query('DELETE FROM public.t');
    const recorded = await database.takeOne();
    expect([recorded.messages.length, recorded.changes]).toEqual([1, 100]);
    await client.query('DROP TABLE public.child');
  });

  it('when the first write is in a function with settings of its own', async () => {
    await client.query(
      'CREATE FUNCTION pg_temp.write(n integer) RETURNS void LANGUAGE sql SET search_path = public AS ' +
        "'INSERT INTO t VALUES (n)'",
    );
    await client.query('BEGIN; SELECT pg_temp.write(1); INSERT INTO t VALUES (2); SELECT pg_temp.write(3); COMMIT');
    const recorded = await database.takeOne();
    expect([recorded.messages.length, recorded.changes]).toEqual([1, 3]);
  });

  it('none, no transaction id and no log flush for a statement that changes no row', async () => {
    await client.query('BEGIN; UPDATE public.t SET id = 1; DELETE FROM public.t');
    const { rows } = await client.query('SELECT pg_current_xact_id_if_assigned() AS xid');
    await client.query('COMMIT');
    expect(rows).toEqual([{ xid: null }]);
    expect(await database.take()).toEqual([]);
  });
});

describe('partitioned tables', () => {
  it('record writes through the root, and to partitions that have the trigger', async () => {
    await client.query('CREATE TABLE public.parts (id integer PRIMARY KEY) PARTITION BY RANGE (id)');
    await client.query('CREATE TABLE public.low PARTITION OF public.parts FOR VALUES FROM (0) TO (10)');
    await client.query('CREATE TABLE public.high PARTITION OF public.parts FOR VALUES FROM (10) TO (20)');
    await client.query(triggerSql({ schema: 'public', name: 'parts' }));
    await client.query(triggerSql({ schema: 'public', name: 'low' }));
    await client.query('INSERT INTO public.parts VALUES (1), (11)');
    await client.query('UPDATE public.parts SET id = 12 WHERE id = 1');
    await client.query('INSERT INTO public.low VALUES (2)');
    const recorded = await database.take();
    expect(recorded.map(({ messages }) => messages.length)).toEqual([1, 1, 1]);
    await client.query('DROP TABLE public.parts');
  });
});

describe('savepoints and late claims', () => {
  it('a rolled back savepoint takes its message along; the next write brings another', async () => {
    await client.query('BEGIN; SAVEPOINT s; INSERT INTO t VALUES (1); ROLLBACK TO s; INSERT INTO t VALUES (2); COMMIT');
    const recorded = await database.takeOne();
    expect([recorded.messages.length, recorded.changes]).toEqual([1, 1]);
  });

  it('a rolled back savepoint takes its claim along', async () => {
    await client.query(`BEGIN; SAVEPOINT s; ${claim}; ROLLBACK TO s; INSERT INTO t VALUES (2); COMMIT`);
    expect((await database.takeOne()).origin?.asserted).toEqual({});
  });

  it('an error caught in a block undoes its message too', async () => {
    await client.query(`DO $$ BEGIN
      BEGIN INSERT INTO t VALUES (1); PERFORM 1 / 0; EXCEPTION WHEN division_by_zero THEN NULL; END;
      INSERT INTO t VALUES (2); END $$`);
    const recorded = await database.takeOne();
    expect([recorded.messages.length, recorded.changes]).toEqual([1, 1]);
  });

  it('a claim after the last write is recorded at once, and is the last', async () => {
    await client.query(`BEGIN; INSERT INTO t VALUES (1); SELECT sync.set_origin('Early'); ${claim}; COMMIT`);
    const recorded = await database.takeOne();
    expect(recorded.messages).toHaveLength(3);
    expect(recorded.origin?.asserted).toEqual(claimed);
  });

  it('a claim that is rolled back leaves the one before it', async () => {
    await client.query(
      `BEGIN; ${claim}; INSERT INTO t VALUES (1); SAVEPOINT s; SELECT sync.set_origin('Other'); ROLLBACK TO s;
       INSERT INTO t VALUES (2); COMMIT`,
    );
    const recorded = await database.takeOne();
    expect(recorded.messages).toHaveLength(1);
    expect(recorded.origin?.asserted).toEqual(claimed);
  });

  it('a claim replaces the whole claim before it', async () => {
    await client.query(`BEGIN; ${claim}; SELECT sync.set_origin('FinanceAPI'); INSERT INTO t VALUES (1); COMMIT`);
    expect((await database.takeOne()).origin?.asserted).toEqual({ service: 'FinanceAPI' });
  });

  it('a claim in a transaction that writes nothing leaves no trace', async () => {
    await client.query(`BEGIN READ ONLY; ${claim}; SELECT count(*) FROM t; COMMIT`);
    expect(await database.take()).toEqual([]);
  });
});
