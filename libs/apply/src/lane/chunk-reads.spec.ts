import { postgresConfig } from '@astro/runtime';
import { createDatabase, query, testServers, waitFor, type TestDatabase } from '@astro/testing';
import { linesOf } from '../copy/copy-bytes.js';
import { ReadSlots } from '../copy/read-slots.js';
import { SourceSession } from '../source/source-session.js';
import { AppliedLog, RecentXids } from './applied-log.js';
import { ChunkReads, type Chunk, type ChunkPlace, type ReadingLane } from './chunk-reads.js';
import { RowGate } from './row-gate.js';

const ROWS = 100;
const CHUNK_ROWS = 16;
const SLOTS = 4;
const TABLE = {
  id: 1,
  table: { schema: 'public', name: 'items' },
  keyColumns: ['a', 'b'],
  keyTypes: ['integer', 'text'],
  carried: [],
};

let database: TestDatabase;
let source: SourceSession;
let slots: ReadSlots;
let reads: ChunkReads;
let logs: Set<AppliedLog>;
let gate: RowGate;
let lane: ReadingLane;

beforeAll(async () => {
  database = await createDatabase(testServers().operations, 'chunk_reads');
  await query(
    database.url,
    `CREATE TABLE items (a integer, b text, PRIMARY KEY (a, b));
     INSERT INTO items SELECT i / 10, 'k' || lpad(i::text, 3, '0') FROM generate_series(1, ${ROWS}) i`,
  );
});

afterAll(() => database.drop());

beforeEach(() => {
  source = new SourceSession(postgresConfig(database.url, { applicationName: 'chunk-reads spec' }));
  slots = new ReadSlots(SLOTS);
  reads = new ChunkReads({ source, tables: [TABLE], chunkRows: CHUNK_ROWS, slots });
  logs = new Set();
  gate = new RowGate();
  lane = {
    driver: gate,
    recentXids: new RecentXids([], 1),
    watch: () => {
      const log = new AppliedLog();
      logs.add(log);
      return log;
    },
    unwatch: (log) => void logs.delete(log),
  };
});

afterEach(() => reads.reset());

/** All chunks from there on, each written when the next one is taken. */
async function* chunks(from: ChunkPlace = { tableIndex: 0, afterKey: null }): AsyncGenerator<Chunk> {
  let place: ChunkPlace | null = from;
  while (place) {
    const reading = await reads.take(lane, place);
    const chunk: Chunk = await reading.chunk;
    yield chunk;
    reading.done();
    place = chunk.more ? { ...place, afterKey: chunk.lastKey } : null;
  }
}

function freeSlots(): number {
  const taken = Array.from({ length: SLOTS }, () => slots.tryTake());
  for (const release of taken) release?.();
  return taken.filter(Boolean).length;
}

const readAhead = (count: number) => waitFor(() => logs.size === count, { what: `${count} readings` });

it('gives every row once and in the order of keys, the first ones sooner', async () => {
  const keys: string[] = [];
  const counts: number[] = [];
  for await (const { bytes, rows } of chunks()) {
    keys.push(...linesOf(bytes));
    counts.push(rows);
  }
  expect(keys).toEqual([...new Set(keys)].sort((x, y) => Number(x.split('k')[1]) - Number(y.split('k')[1])));
  expect(keys).toHaveLength(ROWS);
  expect(counts).toEqual([2, 16, 16, 16, 16, 16, 16, 2]);
  expect([logs.size, freeSlots()]).toEqual([0, SLOTS]);
});

it('reads two chunks while one is written, and gives them up when the copy does not go on', async () => {
  const reading = await reads.take(lane, { tableIndex: 0, afterKey: null });
  await readAhead(3);
  expect(freeSlots()).toBe(SLOTS - 3);
  reads.drop();
  expect(logs.size).toBe(1);
  reading.done();
  expect([logs.size, freeSlots()]).toEqual([0, SLOTS]);
});

it('leaves slots that others need, and reads on once there are some', async () => {
  const others = [await slots.take(), await slots.take(), await slots.take()];
  const first = await reads.take(lane, { tableIndex: 0, afterKey: null });
  const { lastKey } = await first.chunk;
  expect(logs.size).toBe(1);
  first.done();
  others[0]?.();
  const second = await reads.take(lane, { tableIndex: 0, afterKey: lastKey });
  await second.chunk;
  await readAhead(2);
  second.done();
  others.slice(1).forEach((release) => release());
});

it('waits for a slot no longer than it is wanted', async () => {
  const others = await Promise.all(Array.from({ length: SLOTS }, () => slots.take()));
  const wanted = new AbortController();
  const taken = reads.take(lane, { tableIndex: 0, afterKey: null }, wanted.signal);
  wanted.abort();
  await expect(taken).rejects.toBe(wanted.signal.reason);
  others.forEach((release) => release());
  expect([logs.size, freeSlots()]).toEqual([0, SLOTS]);
});

it('reads nothing ahead for a copy that is kept to a rate, and no more at once than that', async () => {
  gate.setLimit(5, 0);
  for await (const { rows } of chunks({ tableIndex: 0, afterKey: ['8', ''] })) {
    expect(rows).toBeLessThanOrEqual(5);
    expect(logs.size).toBe(1);
  }
});

it('reads a chunk anew that was read ahead before a rate was set', async () => {
  const first = await reads.take(lane, { tableIndex: 0, afterKey: null });
  const { lastKey } = await first.chunk;
  await readAhead(3);
  first.done();
  gate.setLimit(3, 0);
  const second = await reads.take(lane, { tableIndex: 0, afterKey: lastKey });
  expect((await second.chunk).rows).toBe(3);
  expect(logs.size).toBe(1);
  second.done();
});

it('reads elsewhere when something else is wanted than what was read ahead', async () => {
  const first = await reads.take(lane, { tableIndex: 0, afterKey: null });
  await readAhead(3);
  first.done();
  const other = await reads.take(lane, { tableIndex: 0, afterKey: ['9', 'k099'] });
  expect(linesOf((await other.chunk).bytes)).toEqual(['10\tk100']);
  other.done();
  expect([logs.size, freeSlots()]).toEqual([0, SLOTS]);
});

it('tells of a failure the one who takes the chunk, and reads after it again', async () => {
  await query(database.url, 'ALTER TABLE items RENAME TO away');
  const failed = await reads.take(lane, { tableIndex: 0, afterKey: null });
  await expect(failed.chunk).rejects.toMatchObject({ code: '42P01' });
  failed.done();
  await query(database.url, 'ALTER TABLE away RENAME TO items');
  await reads.reset();
  const again = await reads.take(lane, { tableIndex: 0, afterKey: null });
  expect((await again.chunk).rows).toBe(2);
  again.done();
});
