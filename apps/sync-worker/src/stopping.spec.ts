import { capture, newCaptureStatus } from '@astro/capture';
import { LedgerWriter, RecentChanges, findSource } from '@astro/ledger';
import { createLogger, createPool, postgresConfig, withDeadline } from '@astro/runtime';
import { waitFor } from '@astro/testing';
import type { Prepared } from './engine/prepare.js';
import { PublicationWatch } from './maintenance/publication-watch.js';
import { Rig } from './testing/rig.fixture.js';

const DATA_SETS = `  items:
    from: operations
    to: cache
    tables: [public.items]`;

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.create('CREATE TABLE public.items (id int PRIMARY KEY)', DATA_SETS);
  await rig.setUp();
  await rig.start();
  await rig.streaming();
  await rig.stop();
});

afterAll(() => rig.destroy());

it('stops when it is told so while it takes the slot over', async () => {
  const link = { applicationName: 'stopping', caFile: rig.env['TLS_CA_FILE'] ?? '' };
  const stop = new AbortController();
  const { rows } = await rig.system.query<{ id: number }>(`SELECT id FROM sync.sources WHERE name = 'operations'`);
  const system = postgresConfig(rig.env['SYSTEM_DATABASE_URL'] ?? '', link);
  const ledger = new LedgerWriter(system, rows[0]?.id ?? -1, new RecentChanges());
  const open = ledger.open.bind(ledger);
  jest.spyOn(ledger, 'open').mockImplementation(async () => {
    const opened = await open(tables);
    stop.abort();
    return opened;
  });
  const tables = (await findSource(rig.system, 'operations'))?.tables ?? [];
  const status = newCaptureStatus();
  const connection = postgresConfig(rig.env['OPERATIONS_DATABASE_URL'] ?? '', link);
  const log = createLogger('stopping', { level: 'silent' });
  const names = { slot: rig.slot, publication: rig.slot };
  await capture({ ledger, connection, ...names, tables, log, status }, stop.signal);
  expect(status.phase).toBe('stopped');
}, 20_000);

/** @returns a capture of the rig's source that runs until the test is over */
async function startCapture(silence: { askMs: number; lostMs: number }) {
  const link = { applicationName: 'silent', caFile: rig.env['TLS_CA_FILE'] ?? '' };
  const source = await findSource(rig.system, 'operations');
  const system = postgresConfig(rig.env['SYSTEM_DATABASE_URL'] ?? '', link);
  const status = newCaptureStatus();
  const stop = new AbortController();
  const deps = {
    ledger: new LedgerWriter(system, source?.id ?? -1, new RecentChanges()),
    connection: postgresConfig(rig.env['OPERATIONS_DATABASE_URL'] ?? '', link),
    ...{ slot: rig.slot, publication: rig.slot, tables: source?.tables ?? [], status, silence },
    log: createLogger('silent', { level: 'silent' }),
  };
  const running = capture(deps, stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  return { status, end };
}

async function reader(): Promise<number | null> {
  const { rows } = await rig.operations.query<{ active_pid: number | null }>(
    'SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1',
    [rig.slot],
  );
  return rows[0]?.active_pid ?? null;
}

it('keeps a link on which nothing happens, and gives one up on which nobody answers', async () => {
  const { status, end } = await startCapture({ askMs: 500, lostMs: 3500 });
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
