import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { provenanceSql, uninstallSql } from './installer-sql.js';
import { RecordedDatabase } from './recorded.fixture.js';
import { dropTriggerSql, triggerSql } from './trigger-sql.js';

let database: RecordedDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await RecordedDatabase.create();
  admin = await database.connect();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await admin.query('TRUNCATE public.t');
  await database.take();
});

describe('an application whose session is unusual', () => {
  it('writes with a hostile search_path', async () => {
    const hostile = await database.connect();
    await hostile.query(`CREATE SCHEMA hostile;
      CREATE DOMAIN hostile.text AS integer;
      CREATE FUNCTION hostile.boom(text, text) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'hostile operator'; END $$;
      CREATE OPERATOR hostile.= (FUNCTION = hostile.boom, LEFTARG = text, RIGHTARG = text);
      CREATE OPERATOR hostile.<> (FUNCTION = hostile.boom, LEFTARG = text, RIGHTARG = text);
      CREATE FUNCTION hostile.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT 'hostile' $$;
      CREATE FUNCTION hostile.left(text, integer) RETURNS text LANGUAGE sql AS $$ SELECT 'hostile' $$;
      SET search_path = hostile, pg_catalog`);
    await hostile.query("BEGIN; SELECT sync.set_origin('A'); INSERT INTO public.t VALUES (1); COMMIT");
    await hostile.query(triggerSql({ schema: 'public', name: 't' }));
    const recorded = await database.takeOne();
    expect(recorded.origin?.asserted).toEqual({ service: 'A' });
    await admin.query('DROP SCHEMA hostile CASCADE');
  });

  it('writes with an empty search_path', async () => {
    const session = await database.connect();
    await session.query("SET search_path = ''");
    await session.query('INSERT INTO public.t VALUES (1)');
    expect((await database.takeOne()).messages).toHaveLength(1);
  });

  it('writes without any right on the schema or on the message function', async () => {
    const role = `writer_${randomBytes(4).toString('hex')}`;
    await admin.query(`CREATE ROLE ${role}; GRANT INSERT ON public.t TO ${role};
      REVOKE ALL ON SCHEMA sync FROM PUBLIC; REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sync FROM PUBLIC;
      REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, bytea, boolean) FROM PUBLIC`);
    await admin.query(`SET SESSION AUTHORIZATION ${role}`);
    await admin.query("BEGIN; SELECT set_config('sync.service', 'A', true); INSERT INTO public.t VALUES (1); COMMIT");
    await admin.query(`RESET SESSION AUTHORIZATION; GRANT USAGE ON SCHEMA sync TO PUBLIC;
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sync TO PUBLIC;
      GRANT EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, bytea, boolean) TO PUBLIC;
      DROP OWNED BY ${role}; DROP ROLE ${role}`);
    expect((await database.takeOne()).origin).toMatchObject({ asserted: { service: 'A' }, observed: { role } });
  });

  it.each([
    ['quotes, backslashes and line ends', `O'Neil "x" \\ \\u0000 \n\r\t $1 $$ %`],
    ['emoji and combining characters', '🚀 Zoë é ‮ \u2028'],
    ['JSON', '","service":"forged"},"observed":{"role":"forged"}}'],
  ])('claims with %s', async (_name, text) => {
    await admin.query('BEGIN');
    await admin.query('SELECT sync.set_origin($1, $1)', [text]);
    await admin.query('INSERT INTO public.t VALUES (1); COMMIT');
    const { origin } = await database.takeOne();
    expect(origin).toMatchObject({ asserted: { service: text, user: text }, observed: { role: 'postgres' } });
  });

  it('claims with a very long text: it is cut', async () => {
    await admin.query("BEGIN; SELECT sync.set_origin(repeat('🚀', 1000000), 'u'); INSERT INTO t VALUES (1); COMMIT");
    const { messages } = await database.takeOne();
    expect(JSON.parse(messages[0] ?? '')).toMatchObject({ asserted: { service: '🚀'.repeat(500), user: 'u' } });
  });
});

describe('a database in another encoding', () => {
  it('gives its characters as UTF-8', async () => {
    const latin = await RecordedDatabase.create({ encoding: 'LATIN1' });
    const session = await latin.connect();
    await session.query("BEGIN; SELECT sync.set_origin('Café', 'Zoë'); INSERT INTO t VALUES (1); COMMIT");
    expect((await latin.takeOne()).origin?.asserted).toEqual({ service: 'Café', user: 'Zoë' });
    await latin.drop();
  });

  it('gives bytes that are no text as question marks', async () => {
    const bytes = await RecordedDatabase.create({ encoding: 'SQL_ASCII' });
    const session = await bytes.connect();
    await session.query("SET sync.service = 'App'");
    await session.query(
      `DO $$ BEGIN PERFORM set_config('sync.user', convert_from('\\x5a6feb22', 'SQL_ASCII'), false); END $$`,
    );
    await session.query('INSERT INTO public.t VALUES (1)');
    const { origin } = await bytes.takeOne();
    expect(origin).toMatchObject({ asserted: { service: 'App', user: 'Zo?"' }, observed: { role: 'postgres' } });
    await bytes.drop();
  });
});

describe('settings of a role that is shared with databases in another encoding', () => {
  it.each([
    ['in the middle', '5aff62', 'Z\ufffdb'],
    ['at the end', '5ae9', 'Z\ufffd'],
    ['in a long text', 'ff'.repeat(600), '?'.repeat(500)],
  ])('with a foreign byte %s do not stop a write', async (_name, bytes, expected) => {
    const role = `shared_${randomBytes(4).toString('hex')}`;
    const other = await RecordedDatabase.create({ encoding: 'SQL_ASCII' });
    const owner = await other.connect();
    await owner.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${role}'`);
    await owner.query(`DO $$ BEGIN EXECUTE pg_catalog.format(
      'ALTER ROLE ${role} SET sync.service = %L', convert_from('\\x${bytes}', 'SQL_ASCII')); END $$`);
    const session = await database.connect({ user: role, password: role });
    await session.query("SET sync.action = 'a'; INSERT INTO public.t VALUES (1)");
    expect((await database.takeOne()).origin?.asserted).toEqual({ service: expected, action: 'a' });
    await other.drop();
    await session.end();
    await admin.query(`DROP ROLE ${role}`);
  });
});

describe('installing', () => {
  it.each(['t', 'Mixed Case', 'semi;colon', `quote"d 'n' $sync$`, 'back\\slash', 'Zoë🚀', 'select'])(
    'takes a table named %s',
    async (name) => {
      const table = { schema: `s ${name}`, name };
      const schema = admin.escapeIdentifier(table.schema);
      await admin.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.${admin.escapeIdentifier(name)} (id integer)`);
      await admin.query(triggerSql(table));
      await admin.query(triggerSql(table));
      await admin.query(`INSERT INTO ${schema}.${admin.escapeIdentifier(name)} VALUES (1)`);
      expect((await database.takeOne()).messages).toHaveLength(1);
      await admin.query(dropTriggerSql(table));
      await admin.query(dropTriggerSql(table));
      await admin.query(`INSERT INTO ${schema}.${admin.escapeIdentifier(name)} VALUES (1)`);
      expect((await database.takeOne()).messages).toHaveLength(0);
      await admin.query(`DROP SCHEMA ${schema} CASCADE`);
    },
  );

  it('again, at the same time and while others write, changes nothing and waits for nobody', async () => {
    const writer = await database.connect();
    await writer.query("BEGIN; SELECT sync.set_origin('A'); INSERT INTO public.t VALUES (1)");
    const installers = await Promise.all([1, 2, 3].map(() => database.connect({ options: '-c lock_timeout=5s' })));
    await Promise.all(installers.map((client) => client.query(provenanceSql())));
    await Promise.all(installers.map((client) => client.query(triggerSql({ schema: 'public', name: 't' }))));
    await writer.query('INSERT INTO public.t VALUES (2); COMMIT');
    expect((await database.takeOne()).messages).toHaveLength(1);
  });

  it('into a schema of another name, and out of it, leaves nothing behind', async () => {
    const options = { schema: 'origin_of_changes' };
    await admin.query('CREATE TABLE public.other (id integer)');
    await admin.query(provenanceSql(options));
    await admin.query(triggerSql({ schema: 'public', name: 'other' }, options));
    await admin.query("BEGIN; SELECT origin_of_changes.set_origin('A'); INSERT INTO other VALUES (1); COMMIT");
    expect((await database.takeOne()).origin?.asserted).toEqual({ service: 'A' });
    await admin.query(uninstallSql(options));
    await admin.query(uninstallSql(options));
    await admin.query('INSERT INTO other VALUES (2); DROP TABLE other');
    expect((await database.takeOne()).messages).toHaveLength(0);
    expect((await admin.query("SELECT to_regnamespace('origin_of_changes') AS s")).rows).toEqual([{ s: null }]);
  });

  it('removal leaves a schema that holds something else', async () => {
    const options = { schema: 'shared' };
    await admin.query(`${provenanceSql(options)}; CREATE TABLE shared.mine (id integer)`);
    await admin.query(uninstallSql(options));
    expect((await admin.query('SELECT count(*)::integer AS n FROM shared.mine')).rows).toEqual([{ n: 0 }]);
    await admin.query('DROP SCHEMA shared CASCADE');
  });

  it('does not give PUBLIC a right again that was taken away', async () => {
    await admin.query('REVOKE USAGE ON SCHEMA sync FROM PUBLIC');
    await admin.query(provenanceSql());
    const { rows } = await admin.query(
      "SELECT count(*)::integer AS n FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'sync' AND a.grantee = 0",
    );
    await admin.query('GRANT USAGE ON SCHEMA sync TO PUBLIC');
    expect(rows).toEqual([{ n: 0 }]);
  });

  it.each(['', 'Sync', 'a b', 'x"; DROP TABLE t', 'pg_sync', '$sync$'])('refuses the schema name "%s"', (schema) => {
    expect(() => provenanceSql({ schema })).toThrow('cannot be the schema of the origin functions');
  });
});
