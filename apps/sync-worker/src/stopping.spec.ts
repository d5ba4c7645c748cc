import { capture, newCaptureStatus, type CaptureDeps } from '@astro/capture';
import { LedgerWriter, RecentChanges, findSource } from '@astro/ledger';
import { createLogger, createPool, postgresConfig, withDeadline } from '@astro/runtime';
import { query, testServers, waitFor } from '@astro/testing';
import type { Prepared } from './engine/prepare.js';
import { PublicationWatch } from './maintenance/publication-watch.js';
import { Rig } from './testing/rig.fixture.js';

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.atRest();
});

afterAll(() => rig.destroy());

/** A capture of the rig's source, not begun. */
async function prepareCapture(limits: Pick<CaptureDeps, 'silence'> = {}) {
  const link = { applicationName: 'stopping', caFile: rig.env['TLS_CA_FILE'] ?? '' };
  const source = await findSource(rig.system, 'operations');
  const system = postgresConfig(rig.env['SYSTEM_DATABASE_URL'] ?? '', link);
  const deps = {
    ledger: new LedgerWriter(system, source?.id ?? -1, new RecentChanges()),
    connection: postgresConfig(rig.env['OPERATIONS_DATABASE_URL'] ?? '', link),
    ...{ slot: rig.slot, publication: rig.slot, tables: source?.tables ?? [], maxAtomicRows: 1000, ...limits },
    status: newCaptureStatus(),
    log: createLogger('stopping', { level: 'silent' }),
  };
  return { deps, stop: new AbortController() };
}

/** @returns a capture of the rig's source that runs until `end` */
function start({ deps, stop }: Awaited<ReturnType<typeof prepareCapture>>) {
  const running = capture(deps, stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  return { status: deps.status, end };
}

it('stops when it is told so while it takes the slot over', async () => {
  const { deps, stop } = await prepareCapture();
  const open = deps.ledger.open.bind(deps.ledger);
  jest.spyOn(deps.ledger, 'open').mockImplementation(async (tables) => {
    const opened = await open(tables);
    stop.abort();
    return opened;
  });
  await capture(deps, stop.signal);
  expect(deps.status.phase).toBe('stopped');
}, 20_000);

it('sees no gap in what another worker stored while this one took the slot over (P6)', async () => {
  const prepared = await prepareCapture();
  const { ledger, log } = prepared.deps;
  const open = ledger.open.bind(ledger);
  jest.spyOn(ledger, 'open').mockImplementationOnce(async (tables) => {
    await rig.operations.query('INSERT INTO public.items VALUES (1)');
    const { rows } = await rig.operations.query<{ end: string }>('SELECT pg_current_wal_flush_lsn() AS end');
    await rig.system.query(`UPDATE sync.sources SET safe_lsn = $1 WHERE name = 'operations'`, [rows[0]?.end]);
    return open(tables);
  });
  const gaps = jest.spyOn(log, 'error');
  const { status, end } = start(prepared);
  try {
    await waitFor(() => status.phase === 'streaming' || status.phase === 'gap', { what: 'the stream to begin' });
    expect([status.phase, gaps.mock.calls]).toEqual(['streaming', []]);
  } finally {
    await end();
  }
});

async function reader(): Promise<number | null> {
  const { rows } = await rig.operations.query<{ active_pid: number | null }>(
    'SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1',
    [rig.slot],
  );
  return rows[0]?.active_pid ?? null;
}

it('keeps a link on which nothing happens, and gives one up on which nobody answers', async () => {
  const { status, end } = start(await prepareCapture({ silence: { askMs: 500, lostMs: 3500 } }));
  try {
    await waitFor(async () => (await reader()) !== null, { what: 'the stream to begin' });
    const pid = (await reader()) as number;
    const sinceMs = Date.now();
    await waitFor(() => Date.now() - sinceMs > 6000, { what: 'a long silence' });
    expect([await reader(), status.phase]).toEqual([pid, 'streaming']);
    process.kill(pid, 'SIGSTOP');
    try {
      await waitFor(() => status.phase !== 'streaming', { what: 'the silent link to be given up', timeoutMs: 10_000 });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await waitFor(async () => status.phase === 'streaming' && (await reader()) !== pid, { what: 'a new link' });
  } finally {
    await end();
  }
});

/** In SystemDB, by a capture of this spec. */
async function isAppending(): Promise<boolean> {
  const { rowCount } = await rig.system.query(
    `SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'stopping' AND xact_start IS NOT NULL`,
  );
  return rowCount === 1;
}

async function stored(): Promise<number> {
  const { rows } = await rig.system.query<{ n: number }>('SELECT count(*)::int AS n FROM sync.ledger_changes');
  return rows[0]?.n ?? -1;
}

it('leaves no transaction open in SystemDB when the source goes away in the middle of one (P1, P3)', async () => {
  const admin = (sql: string) => query(testServers().operations, sql);
  const database = new URL(rig.env['OPERATIONS_DATABASE_URL'] ?? '').pathname.slice(1);
  const admit = (admits: boolean) => admin(`ALTER DATABASE ${database} ALLOW_CONNECTIONS ${admits}`);
  const { end } = start(await prepareCapture());
  try {
    await rig.operations.query('INSERT INTO public.items SELECT generate_series(1000, 300999)');
    await waitFor(isAppending, { what: 'a part of the transaction to be sent' });
    const before = await stored();
    await admit(false);
    await admin(`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${rig.slot}'`);
    await waitFor(async () => !(await isAppending()), { what: 'the transaction to be given up' });
    expect(await stored()).toBe(before);
    await admit(true);
    await waitFor(async () => (await stored()) === before + 300_000, { what: 'all of it', timeoutMs: 60_000 });
  } finally {
    await admit(true);
    await end();
  }
});

it('lets nobody have a connection on which a look at the publication still hangs', async () => {
  const link = { applicationName: 'watch', caFile: rig.env['TLS_CA_FILE'] ?? '' };
  const log = createLogger('watch', { level: 'silent' });
  const onlyOne = { max: 1, connectionTimeoutMillis: 60_000 };
  const pool = createPool({ ...postgresConfig(rig.env['SYSTEM_DATABASE_URL'] ?? '', link), ...onlyOne }, log);
  const source = await findSource(rig.system, 'operations');
  const operations = postgresConfig(rig.env['OPERATIONS_DATABASE_URL'] ?? '', link);
  const prepared = { catalogue: { source: { publication: rig.slot } }, source, operations } as unknown as Prepared;
  const watch = new PublicationWatch(prepared, pool, log);
  const lock = `hashtext('sync.publication')`;
  await rig.system.query(`SELECT pg_advisory_lock(${lock})`);
  try {
    watch.onApplicationBootstrap();
    await waitFor(() => pool.totalCount === 1 && pool.idleCount === 0, { what: 'the look to begin' });
    const next = pool.query<{ idle: boolean }>('SELECT now() = statement_timestamp() AS idle');
    const answer = await withDeadline(next, 15_000, 'the next one in the line');
    expect(answer.rows).toEqual([{ idle: true }]);
  } finally {
    await rig.system.query(`SELECT pg_advisory_unlock(${lock})`);
    await watch.beforeApplicationShutdown();
    await pool.end();
  }
});
