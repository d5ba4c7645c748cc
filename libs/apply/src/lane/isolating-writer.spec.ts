import { createLogger } from '@astro/runtime';
import type { LaneFailure, LaneJournal } from '@astro/sync-core';
import { TargetDatabase, nextMove, state } from '../targets/postgres/postgres-target.fixture.js';
import type { KeyState, Target } from '../targets/target.js';
import { IsolatingWriter } from './isolating-writer.js';

/** Foreign keys that wait until the end of the transaction: what is wrong shows only there (P8). */

const DDL = `
CREATE TABLE app.parent (id int PRIMARY KEY);
CREATE TABLE app.child (
  id int PRIMARY KEY,
  parent int REFERENCES app.parent DEFERRABLE INITIALLY DEFERRED,
  twin int REFERENCES app.child DEFERRABLE);
INSERT INTO app.parent VALUES (1)`;

let database: TargetDatabase;
let target: Target;
let writer: IsolatingWriter;
let failures: LaneFailure[];

beforeAll(async () => {
  database = await TargetDatabase.create();
});

beforeEach(async () => {
  await database.begin(DDL);
  target = database.open([{ name: 'parent' }, { name: 'child' }]);
  failures = [];
  writer = newWriter(target);
});

afterEach(() => database.closeTargets());
afterAll(() => database.drop());

function newWriter(of: Target): IsolatingWriter {
  const journal: Partial<LaneJournal> = {
    failed: async (more) => void failures.push(...more),
    settled: () => Promise.resolve(),
    openFailures: () => Promise.resolve([]),
  };
  return new IsolatingWriter(of, journal as LaneJournal, {
    log: createLogger('spec', { level: 'silent' }),
    onSetAside: () => Promise.resolve(),
  });
}

const WHOLE = { partial: false, ofChanges: true };
const PART = { partial: true, ofChanges: true };
const FROM_SOURCE = { partial: false, ofChanges: false };

const parent = (id: number) => state(id, { id }, { tableId: 1 });
const child = (id: number, of: number, twin: number | null = null) =>
  state(id, { id, parent: of, twin }, { tableId: 2 });

async function writeAll(...states: readonly KeyState[]): Promise<void> {
  await target.write({ truncated: [], states: [] }, { expected: null, next: 'start' }, NOTHING).catch(() => undefined);
  await writer.write({ truncated: [], states }, await nextMove(target), WHOLE);
}

const NOTHING = { partial: false, onIncomplete: () => Promise.resolve() };
const children = async () => (await database.rows('SELECT id FROM app.child ORDER BY id')).map(([id]) => Number(id));
const setAside = () => failures.map(({ key }) => Number(key)).sort((a, b) => a - b);

it('sets aside the one key whose row a waiting foreign key refuses, once', async () => {
  await writeAll(child(1, 1), child(2, 99), child(3, 1));
  expect(await children()).toEqual([1, 3]);
  expect(failures).toMatchObject([{ key: '2', code: '23503' }]);
  await writer.write({ truncated: [], states: [child(4, 1)] }, await nextMove(target), WHOLE);
  expect(await children()).toEqual([1, 3, 4]);
});

it('keeps the place of a key that is tried again from the source, and takes that of its next change', async () => {
  const change = child(2, 99);
  await writeAll(change);
  const tried = { ...change, position: { ...change.position, seq: change.position.seq + 7 } };
  await writer.write({ truncated: [], states: [tried] }, await nextMove(target), FROM_SOURCE);
  await writer.write({ truncated: [], states: [tried] }, await nextMove(target), WHOLE);
  expect(failures.map(({ position }) => position)).toEqual([change.position, change.position, tried.position]);
});

it('writes rows that need each other, whatever piece they fall into', async () => {
  await writeAll(child(1, 1, 2), child(3, 99), child(4, 7), child(2, 1, 3), child(5, 1), parent(7), child(6, 1, 5));
  expect(await children()).toEqual([4, 5, 6]);
  expect(setAside()).toEqual([1, 2, 3]);
});

it('sets a parent aside whose removal leaves children', async () => {
  await writeAll(child(1, 1), parent(2));
  await writeAll(state(1, null, { tableId: 1 }), child(2, 2), state(9, null, { tableId: 1 }));
  expect(await children()).toEqual([1, 2]);
  expect(setAside()).toEqual([1]);
});

it('finds the fault in a part that was written before, and keeps the transaction whole', async () => {
  await writeAll(child(9, 1));
  const move = { expected: await target.readState(), next: 'a' };
  const parts = async () => {
    await writer.write({ truncated: [], states: [child(1, 1), child(2, 99)] }, move, PART);
    await writer.write({ truncated: [], states: [child(3, 1)] }, { expected: 'a', next: 'b' }, PART);
    await writer.write({ truncated: [], states: [child(4, 1)] }, { expected: 'b', next: 'c' }, WHOLE);
  };
  await expect(parts()).rejects.toMatchObject({ code: 'SYNC_EARLIER_PART', retryable: true });
  await target.reset();
  await writer.load();
  expect([await children(), failures]).toEqual([[9], []]);
  await parts();
  expect(await children()).toEqual([1, 3, 4, 9]);
  expect(setAside()).toEqual([2]);
  expect(await target.readState()).toBe('c');
  failures.length = 0;
  await writer.write({ truncated: [], states: [child(5, 8)] }, { expected: 'c', next: 'd' }, PART);
  await writer.write({ truncated: [], states: [parent(8)] }, { expected: 'd', next: 'e' }, WHOLE);
  expect([await children(), failures]).toEqual([[1, 3, 4, 5, 9], []]);
});

it('has every key that is set aside tried in its turn, whatever fails meanwhile', async () => {
  const openFailures = Array.from({ length: 1200 }, (_none, i) => failureOf(i));
  const journal = { openFailures: () => Promise.resolve(openFailures) } as Partial<LaneJournal> as LaneJournal;
  const log = createLogger('spec', { level: 'silent' });
  const many = new IsolatingWriter(target, journal, { log, onSetAside: () => Promise.resolve() });
  await many.load();
  const tried = new Set<string>();
  for (let round = 0; round < 4; round++) {
    const due = many.dueForRepair(true);
    expect(new Set(due.map(({ tableId }) => tableId)).size).toBe(1);
    due.forEach(({ tableId, key }) => tried.add(`${tableId}:${key}`));
  }
  expect(tried.size).toBe(1200);
  expect(many.dueForRepair(false)).toEqual([]);
});

function failureOf(i: number): LaneFailure {
  const position = { commitLsn: 1n as LaneFailure['position']['commitLsn'], seq: i };
  return { tableId: i % 3 === 0 ? 2 : 1, key: String(i), position, code: '23503', message: 'm' };
}
