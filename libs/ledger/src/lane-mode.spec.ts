import { systemDataSource } from '@astro/entities';
import { createLogger, createPool, postgresConfig } from '@astro/runtime';
import { parseLsn, type LaneMode } from '@astro/sync-core';
import { createDatabase, testServers, waitFor, type TestDatabase } from '@astro/testing';
import type { Pool } from 'pg';
import { LaneJournalWriter, PgLaneJournal } from './index.js';

const LANE = 1;

let database: TestDatabase;
let pool: Pool;
let journal: PgLaneJournal;

beforeAll(async () => {
  database = await createDatabase(testServers().system, 'lane_mode');
  const config = postgresConfig(database.url, { applicationName: 'lane-mode-spec' });
  const dataSource = await systemDataSource(config).initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  await dataSource.destroy();
  pool = createPool(config, createLogger('spec', { level: 'silent' }));
  await pool.query(
    `WITH source AS (INSERT INTO sync.sources (name, history) VALUES ('operations', 'h') RETURNING id)
     INSERT INTO sync.ledger_lanes (name, data_set, source_id, target, job_type)
     SELECT 'orders', 'orders', id, 'cache', 'realtime' FROM source`,
  );
  journal = new PgLaneJournal(pool, new LaneJournalWriter(pool, () => undefined), LANE);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

it.each<[string, LaneMode, boolean, LaneMode, LaneMode, boolean]>([
  ['a copy that was asked for begins', 'streaming', true, 'copying', 'copying', false],
  ['a copy that the lane needs begins', 'streaming', false, 'copying', 'copying', false],
  ['a copy that was asked for heals', 'needs_resync', true, 'copying', 'copying', false],
  ['a copy that nobody asked for does not hide a gap', 'needs_resync', false, 'copying', 'needs_resync', false],
  ['a copy ends', 'copying', false, 'streaming', 'streaming', false],
  ['a request that came during a copy stays', 'copying', true, 'streaming', 'streaming', true],
  ['the end of a copy does not hide a gap', 'needs_resync', false, 'streaming', 'needs_resync', false],
  ['the end of a copy does not answer a request after a gap', 'needs_resync', true, 'streaming', 'needs_resync', true],
  ['a gap ends everything else', 'copying', true, 'needs_resync', 'needs_resync', false],
])('%s', async (_name, mode, copyRequested, next, expectedMode, expectedRequest) => {
  await pool.query('UPDATE sync.ledger_lanes SET state = $2, copy_requested = $3 WHERE id = $1', [
    LANE,
    mode,
    copyRequested,
  ]);
  await journal.setMode(next, 'reason');
  expect(await journal.control()).toMatchObject({ mode: expectedMode, copyRequested: expectedRequest });
});

it('shows a position that SystemDB refused at first as soon as it takes it (P12)', async () => {
  const errors: unknown[] = [];
  const writer = new LaneJournalWriter(pool, (error) => errors.push(error));
  const position = { commitLsn: parseLsn('0/A'), seq: 7 };
  await pool.query('ALTER TABLE sync.lane_batches RENAME TO away');
  new PgLaneJournal(pool, writer, LANE).applied({ history: 'h', position, copy: null, moves: 1 }, 3);
  await waitFor(() => errors.length > 0, { what: 'the first try' });
  await pool.query('ALTER TABLE sync.away RENAME TO lane_batches');
  const shown = async () => (await pool.query<object>('SELECT to_lsn, to_seq, changes FROM sync.lane_batches')).rows;
  await waitFor(async () => (await shown()).length > 0, { what: 'the position to be shown' });
  expect(await shown()).toEqual([{ to_lsn: '0/A', to_seq: 7, changes: 3 }]);
  await writer.close();
});

it('never counts fewer moves of a lane than there were, whoever writes last (P10)', async () => {
  const writer = new LaneJournalWriter(pool, (error) => {
    throw error;
  });
  const journal = new PgLaneJournal(pool, writer, LANE);
  const position = { commitLsn: parseLsn('0/A'), seq: 7 };
  for (const moves of [5, 3]) {
    journal.applied({ history: 'h', position, copy: null, moves }, 0);
    await writer.flush();
    expect((await journal.control()).moves).toBe(5);
  }
  await writer.close();
});
