import { postgresConfig } from '@astro/runtime';
import { parseLsn, type Lsn } from '@astro/sync-core';
import { createDatabase, query, testServers, waitFor, type TestDatabase } from '@astro/testing';
import { ReplicationConnection } from './replication-connection.js';

const ROWS = 40_000;
const SENT = `SELECT sent_lsn AS sent FROM pg_stat_replication WHERE application_name = 'turns spec' AND pid = (
  SELECT active_pid FROM pg_replication_slots WHERE database = current_database())`;
const TURN_BYTES = 128 * 1024;
/** What stands before a message, and a sign of life. */
const [HEADER_BYTES, KEEPALIVE_BYTES] = [25, 18];
/** What is allowed in a turn, what Node gives at once, and a message. */
const MAX_TURN_BYTES = TURN_BYTES + (64 + 16) * 1024;

const turn = () => new Promise((resolve) => setImmediate(resolve));

let database: TestDatabase;
let slot: string;
let stream: ReplicationConnection;
let running: Promise<unknown>;
let received = 0;
let rows = 0;

beforeEach(async () => {
  database = await createDatabase(testServers().operations, 'turns');
  slot = new URL(database.url).pathname.slice(1);
  await query(database.url, 'CREATE TABLE t (id int PRIMARY KEY, v text); CREATE PUBLICATION turns FOR TABLE t');
  await query(database.url, `SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
  await query(database.url, `INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(1, ${ROWS}) i`);
  [received, rows] = [0, 0];
  const { caFile } = testServers();
  stream = new ReplicationConnection(postgresConfig(database.url, { applicationName: 'turns spec', caFile }));
  await stream.connect();
});

afterEach(async () => {
  stream.close();
  await running.catch(() => undefined); // the end of the connection
  const dropped = () => query(database.url, `SELECT pg_drop_replication_slot('${slot}')`).then(() => true); // fails while it is in use
  await waitFor(dropped, { what: 'the slot to be free' });
  await database.drop();
});

function start(onMessage: () => void = () => undefined): void {
  running = stream.stream(
    { slot, publication: 'turns', from: 0n as Lsn },
    {
      onMessage: (bytes, begin, end) => {
        received += HEADER_BYTES + end - begin;
        if (bytes[begin] === 'I'.charCodeAt(0)) rows++;
        onMessage();
      },
      onKeepalive: () => void (received += KEEPALIVE_BYTES),
    },
  );
  running.catch(() => undefined);
}

/** The source has sent as much as the connection holds. */
async function sourceWaits(): Promise<void> {
  let last: string | undefined;
  const stands = async () => {
    const before = last;
    const [row] = await query<{ sent: string }>(database.url, SENT);
    last = row?.sent;
    return last !== undefined && last === before;
  };
  await waitFor(stands, { what: 'the source to wait' });
}

it('leaves a turn to everything else after so many bytes, and brings every row', async () => {
  start(() => {
    if (rows === 1 && !stream.isPaused) stream.pause();
  });
  await stream.started;
  await waitFor(() => rows > 0, { what: 'the first row' });
  await sourceWaits();
  stream.resume();
  let largest = 0;
  while (rows < ROWS) {
    const before = received;
    await turn();
    largest = Math.max(largest, received - before);
  }
  expect(largest).toBeLessThanOrEqual(MAX_TURN_BYTES);
  expect(largest).toBeGreaterThan(TURN_BYTES / 2); // else nothing was limited
});

it('stays paused over the end of the turn in which it was paused', async () => {
  let pausedAt = 0;
  start(() => {
    if (received <= TURN_BYTES || stream.isPaused || pausedAt > 0) return;
    stream.pause();
    pausedAt = received;
  });
  await stream.started;
  await waitFor(() => pausedAt > 0, { what: 'the pause' });
  await sourceWaits();
  expect(received - pausedAt).toBeLessThanOrEqual(MAX_TURN_BYTES);
  expect(rows).toBeLessThan(ROWS);
  stream.resume();
  await waitFor(() => rows === ROWS, { what: 'every row' });
});

it('acknowledges what was stored last before it ends, with much still under way', async () => {
  start(() => {
    if (rows === 1 && !stream.isPaused) stream.pause();
  });
  await stream.started;
  await waitFor(() => rows > 0, { what: 'the first row' });
  const [position] = await query<{ before: string; last: string }>(
    database.url,
    'SELECT pg_current_wal_lsn() - 8 AS before, pg_current_wal_lsn() AS last',
  );
  stream.stored(parseLsn(position?.before ?? ''));
  stream.stored(parseLsn(position?.last ?? ''));
  const before = received;
  await stream.end();
  expect(received).toBe(before);
  const confirmed = async () => {
    const [row] = await query<{ lsn: string }>(
      database.url,
      `SELECT confirmed_flush_lsn AS lsn FROM pg_replication_slots WHERE slot_name = '${slot}' AND NOT active`,
    );
    return row && row.lsn === position?.last;
  };
  await waitFor(confirmed, { what: 'the last position to be known to the source', timeoutMs: 3_000 });
});
