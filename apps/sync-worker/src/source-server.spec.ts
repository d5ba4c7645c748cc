import { chmodSync, cpSync, lchownSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '@astro/embedded';
import { query, testServers, waitFor } from '@astro/testing';
import { Client } from 'pg';
import { startOwnPostgres, type OwnPostgres } from './testing/own-postgres.fixture.js';
import { Rig } from './testing/rig.fixture.js';

/** What happens to OperationsDB as a server: crashes, shutdowns, lost log, an old backup, a standby that is away. */

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, version int NOT NULL, filler text);
CREATE TABLE public.log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who int);
INSERT INTO public.items SELECT i, 1 FROM generate_series(1, 50) i;`;

const DATA_SETS = `  items:
    from: operations
    to: cache
    tables: [public.items]
  log:
    from: operations
    to: system
    tables:
      - table: public.log
        into: public.log_copies`;

const SETTINGS = { max_slot_wal_keep_size: '64MB', min_wal_size: '32MB', max_wal_size: '64MB', max_connections: 60 };

let own: OwnPostgres;
let server: EmbeddedPostgres;
let rig: Rig;

beforeAll(async () => {
  own = await startOwnPostgres(SETTINGS);
  server = own.server;
});

beforeEach(async () => {
  rig = await Rig.create(SCHEMA, DATA_SETS, { operations: server.url });
  await rig.setUp();
  await rig.start();
  await rig.streaming();
});

afterEach(() => rig.destroy());

afterAll(() => own.destroy());

async function expectEqual(): Promise<void> {
  await rig.streaming();
  await rig.expectDocuments('items');
  await rig.expectRows('log', 'log_copies');
}

/** Small transactions from several sessions until told to stop; what was committed is in public.log. */
function writeUntil(stop: () => boolean): Promise<unknown> {
  const write = async (who: number) => {
    const client = new Client({ connectionString: rig.env['OPERATIONS_DATABASE_URL'] });
    client.on('error', () => undefined);
    await client.connect();
    try {
      while (!stop()) {
        await client.query(
          `BEGIN; INSERT INTO public.log (who) VALUES (${who}), (${who}), (${who});
           UPDATE public.items SET version = version + 1 WHERE id = ${who}; COMMIT`,
        );
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  return Promise.allSettled([1, 2, 3, 4].map(write));
}

/** Each committed row exactly once in the ledger. */
async function expectLedgerExact(): Promise<void> {
  const { rows } = await rig.system.query<{ rows: string; keys: string; events: string }>(
    `SELECT count(*) AS rows, count(DISTINCT c.key) AS keys, count(DISTINCT (c.commit_lsn, c.seq)) AS events
     FROM sync.ledger_changes c JOIN sync.ledger_tables t ON t.id = c.table_id
     WHERE t.table_name = 'log' AND c.op = 'i'`,
  );
  const truth = await rig.operations.query<{ n: string }>('SELECT count(*) AS n FROM public.log');
  const n = truth.rows[0]?.n;
  expect(rows).toEqual([{ rows: n, keys: n, events: n }]);
}

it('loses nothing and stores nothing twice when the source crashes under load (P1, P3, W6)', async () => {
  for (let crash = 0; crash < 3; crash++) {
    let over = false;
    const writing = writeUntil(() => over);
    const before = await logged();
    await waitFor(async () => (await logged()) > before + 300, { what: 'rows to be captured' });
    await server.stop('immediate');
    over = true;
    await writing;
    await server.start();
    await rig.reconnect();
  }
  await expectEqual();
  await expectLedgerExact();
});

async function logged(): Promise<number> {
  const { rows } = await rig.system.query<{ n: string }>('SELECT count(*) AS n FROM public.log_copies');
  return Number(rows[0]?.n);
}

/** The server ends in order: nobody keeps it waiting. */
async function expectCleanShutdown(): Promise<void> {
  const shutdowns = () => readFileSync(server.logFile, 'utf8').split('database system is shut down').length;
  const before = shutdowns();
  await server.stop('fast');
  expect(shutdowns()).toBe(before + 1);
}

it('is no obstacle to a shutdown, and goes on afterwards (P9)', async () => {
  let over = false;
  const writing = writeUntil(() => over);
  await waitFor(async () => (await logged()) > 100, { what: 'rows to be captured' });
  await expectCleanShutdown();
  over = true;
  await writing;
  await server.start();
  await rig.reconnect();
  await expectEqual();
  await expectLedgerExact();
});

it('lets the source shut down although SystemDB hangs (W9)', async () => {
  const database = new URL(rig.env['SYSTEM_DATABASE_URL'] ?? '').pathname.slice(1);
  const backends = await query<{ pid: number }>(
    testServers().system,
    `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'sync-worker%'`,
    [database],
  );
  backends.forEach(({ pid }) => process.kill(pid, 'SIGSTOP'));
  try {
    await rig.operations.query('UPDATE public.items SET version = version + 1');
    const isFree = async () => {
      const { rows } = await rig.operations.query<{ active: boolean }>('SELECT active FROM pg_replication_slots');
      return rows.every(({ active }) => !active);
    };
    await waitFor(isFree, { what: 'the source to be let go', timeoutMs: 40_000 });
    await expectCleanShutdown();
  } finally {
    backends.forEach(({ pid }) => process.kill(pid, 'SIGCONT'));
    if (server.pid === null) await server.start();
  }
  await rig.reconnect();
  await expectEqual();
});

it('keeps no log for ever: an invalidated slot is a gap (W31)', async () => {
  await rig.stop();
  for (let i = 0; i < 6; i++) {
    await rig.operations.query(`INSERT INTO public.log (who) VALUES (0); SELECT pg_switch_wal()`);
  }
  await rig.operations.query('CHECKPOINT');
  const lost = async () => {
    const { rows } = await rig.operations.query<{ wal_status: string }>(
      'SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1',
      [rig.slot],
    );
    return rows[0]?.wal_status === 'lost';
  };
  await waitFor(lost, { what: 'the slot to be invalidated' });
  await rig.start();
  await rig.needsResync(/was invalidated .*max_slot_wal_keep_size/);
  await rig.resync();
  await expectEqual();
});

/** The server as it stands, to be put back later. */
async function takeBackup(): Promise<string> {
  const backup = join(own.folder, 'backup');
  await rig.disconnect();
  await server.stop('fast');
  copyOwned(server.dataDir, backup);
  await server.start();
  await rig.reconnect();
  return backup;
}

async function putBack(backup: string): Promise<void> {
  await rig.disconnect();
  await server.stop('immediate');
  rmSync(server.dataDir, { recursive: true });
  copyOwned(backup, server.dataDir);
  rmSync(backup, { recursive: true });
  await server.start();
  await rig.reconnect();
}

it('notices a source that was restored from an older backup', async () => {
  const backup = await takeBackup();
  await rig.operations.query(`UPDATE public.items SET version = 99; INSERT INTO public.log (who) VALUES (9)`);
  await expectEqual();
  await rig.stop();
  await putBack(backup);
  await rig.start();
  await rig.needsResync(/restored from an older backup/);
  await rig.resync();
  await expectEqual();
});

it('is asked for each row once when it was put back under workers that run (P9)', async () => {
  const backup = await takeBackup();
  await rig.operations.query(USE_UP_TRANSACTION_IDS);
  await rig.operations.query(`UPDATE public.items SET version = 99; INSERT INTO public.log (who) VALUES (9)`);
  await expectEqual();
  await putBack(backup);
  await rig.needsResync(/restored from an older backup/);
  const before = await transactionIds();
  await rig.resync();
  await rig.streaming();
  expect((await transactionIds()) - before).toBeLessThan(200);
  await expectEqual();
});

/** Nothing that ran before is visible to the server that was put back, for as long as it has not used these, too. */
const USE_UP_TRANSACTION_IDS = `
CREATE TEMP TABLE used (id int);
DO $$ BEGIN
  FOR i IN 1..50000 LOOP
    BEGIN INSERT INTO used VALUES (i); EXCEPTION WHEN division_by_zero THEN NULL; END;
  END LOOP;
END $$`;

async function transactionIds(): Promise<number> {
  const { rows } = await rig.operations.query<{ id: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot()) AS id');
  return Number(rows[0]?.id);
}

/** A server that runs as another user needs its files to stay his. */
function copyOwned(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  const { uid, gid, mode } = statSync(from);
  chmodSync(to, mode);
  for (const name of ['', ...readdirSync(to, { recursive: true, encoding: 'utf8' })])
    lchownSync(join(to, name), uid, gid);
}

it('never shows a copy what a waiting commit has already replaced (P4, W10)', async () => {
  const writer = new Client({ connectionString: rig.env['OPERATIONS_DATABASE_URL'] });
  await writer.connect();
  const admin = (sql: string) => query(server.url, sql);
  await admin(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
  await admin('SELECT pg_reload_conf()');
  try {
    const pid = (await writer.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
    let committing: Promise<unknown> = Promise.resolve();
    let isOver = true;
    const commit = () => writer.query('UPDATE public.items SET version = 2 WHERE id = 7').then(() => (isOver = true));
    // The server follows its new setting a moment later: until then a commit does not wait.
    const waits = async () => {
      if (isOver) committing = commit();
      isOver = false;
      const rows = await query<{ wait: string }>(
        server.url,
        `SELECT wait_event AS wait FROM pg_stat_activity WHERE pid = ${pid}`,
      );
      return rows[0]?.wait === 'SyncRep';
    };
    await waitFor(waits, { what: 'the commit to wait' });
    const shown = async () => (JSON.parse((await rig.document('{items}:7')) ?? '{}') as { version?: number }).version;
    await waitFor(async () => (await shown()) === 2, { what: 'the stream to bring the waiting commit' });
    const versions = new Set<number | undefined>();
    await rig.resync('items');
    const reads = new Set<string>();
    const hasRead = async () => {
      versions.add(await shown());
      const rows = await query<{ at: string }>(
        server.url,
        `SELECT query_start::text AS at FROM pg_stat_activity WHERE application_name = 'sync-worker apply'`,
      );
      rows.forEach(({ at }) => reads.add(at));
      return reads.size > 20 && (await rig.lanes()).some(({ name, state }) => name === 'items' && state === 'copying');
    };
    await waitFor(hasRead, { what: 'the copy to have read several times' });
    await admin(`SELECT pg_cancel_backend(${pid})`);
    await committing;
    await admin('ALTER SYSTEM RESET synchronous_standby_names');
    await admin('SELECT pg_reload_conf()');
    const streaming = async () => {
      versions.add(await shown());
      return (await rig.lanes()).every(({ state }) => state === 'streaming');
    };
    await waitFor(streaming, { what: 'the copy to end' });
    await expectEqual();
    expect([...versions]).toEqual([2]);
  } finally {
    await admin('ALTER SYSTEM RESET synchronous_standby_names');
    await admin('SELECT pg_reload_conf()');
    await writer.end();
  }
});
