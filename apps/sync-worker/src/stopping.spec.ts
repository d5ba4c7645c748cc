import { capture, newCaptureStatus } from '@astro/capture';
import { LedgerWriter, RecentChanges } from '@astro/ledger';
import { createLogger, postgresConfig } from '@astro/runtime';
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
    const opened = await open();
    stop.abort();
    return opened;
  });
  const status = newCaptureStatus();
  const connection = postgresConfig(rig.env['OPERATIONS_DATABASE_URL'] ?? '', link);
  const log = createLogger('stopping', { level: 'silent' });
  const names = { slot: rig.slot, publication: rig.slot };
  await capture({ ledger, connection, ...names, tables: [], log, status }, stop.signal);
  expect(status.phase).toBe('stopped');
}, 20_000);
