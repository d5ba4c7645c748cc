import { FencedError } from '@astro/sync-core';
import {
  CONTRACT_TABLE_ID,
  WHOLE,
  carrying,
  chunk,
  gone,
  row,
  rowsOf,
  write,
  writePart,
  type Row,
} from './contract-rows.js';
import type { KeyState, StateMove, Target } from './target.js';

export { CONTRACT_COLUMNS } from './contract-rows.js';

/** A lane of its own with an empty data set, of the kind that is tested. */
export interface TargetFixture {
  /** A further instance for the same lane: what another worker would have. */
  open(): Target;
  /** Everything the target holds, by key, read past the target: documents as they were written. */
  readAll(): Promise<Map<string, string>>;
  /** Ends everything that was opened and removes the data. */
  close(): Promise<void>;
}

/** The behaviour that every kind of {@link Target} has. Call it in a spec. */
export function describeTargetContract(name: string, makeTarget: () => Promise<TargetFixture>): void {
  describe(`${name} as a target`, () => {
    let fixture: TargetFixture;
    const context: ContractContext = {
      open: () => fixture.open(),
      readAll: () => fixture.readAll(),
    };

    beforeEach(async () => {
      fixture = await makeTarget();
    });

    afterEach(() => fixture.close());

    describeWrites(context);
    describeComparisons(context);
    describeValuesAndStates(context);
    describeFencing(context);
    describeRaces(context);
    describeCarriedColumns(context);
    describeIncompleteKeys(context);
    describeParts(context);
    describeCopies(context);
  });
}

type ContractContext = Pick<TargetFixture, 'open' | 'readAll'>;

function describeWrites({ open, readAll }: ContractContext): void {
  it('is empty and knows no state before the first write', async () => {
    const target = open();
    expect(await target.readState()).toBeNull();
    expect(await target.isEmpty()).toBe(true);
    expect(await keysOf(target, 10)).toEqual([]);
  });

  it('writes documents and the state together', async () => {
    const target = open();
    await write(target, [row(1, 'one', 'a'), row(2, 'two', null)], { expected: null, next: 's1' });
    expect(await target.readState()).toBe('s1');
    expect(await target.isEmpty()).toBe(false);
    expect(await readAll()).toEqual(rowsOf([1, 'one', 'a'], [2, 'two', null]));
  });

  it('replaces and deletes, and a replay changes nothing', async () => {
    const target = open();
    await write(target, [row(1, 'one', 'a'), row(2, 'two', 'b')], { expected: null, next: 's1' });
    const batch = [gone(1), row(2, 'second', 'b'), row(3, 'three', 'c'), gone(4)];
    await write(target, batch, { expected: 's1', next: 's2' });
    await write(target, batch, { expected: 's2', next: 's3' });
    expect(await readAll()).toEqual(rowsOf([2, 'second', 'b'], [3, 'three', 'c']));
  });

  it('empties truncated tables before it writes', async () => {
    const target = open();
    await write(target, [row(1, 'one', 'a'), row(2, 'two', 'b')], { expected: null, next: 's1' });
    const batch = { truncated: [CONTRACT_TABLE_ID], states: [row(2, 'again', null)] };
    await target.write(batch, { expected: 's1', next: 's2' }, WHOLE);
    expect(await readAll()).toEqual(rowsOf([2, 'again', null]));
  });
}

function describeComparisons({ open, readAll }: ContractContext): void {
  it('tells what writing would do, and writes nothing', async () => {
    const target = open();
    await write(target, [row(1, 'one', 'a'), row(2, 'two', null), row(3, 'three', 'c')], {
      expected: null,
      next: 's1',
    });
    const states = [row(1, 'one', 'a'), row(2, 'two', 'b'), row(4, 'four', null), gone(3), gone(5)];
    expect(await target.compare(states)).toEqual({ inserted: 1, changed: 1, same: 2, removed: 1 });
    expect(await target.compare([])).toEqual({ inserted: 0, changed: 0, same: 0, removed: 0 });
    expect(await readAll()).toEqual(rowsOf([1, 'one', 'a'], [2, 'two', null], [3, 'three', 'c']));
    expect(await target.readState()).toBe('s1');
  });
}

function describeValuesAndStates({ open, readAll }: ContractContext): void {
  it('keeps values that look like syntax', async () => {
    const target = open();
    const values = ['', '"', '\\', '{a,b}', 'NULL', "it's", 'tab\tline\nend\r', 'Zürich 🚀', '\u007f', '$1'];
    await write(
      target,
      values.map((value, i) => row(i, value, value)),
      { expected: null, next: 's1' },
    );
    expect(await readAll()).toEqual(rowsOf(...values.map((value, i): Row => [i, value, value])));
  });

  it('moves the state alone, also to itself', async () => {
    const target = open();
    await write(target, [], { expected: null, next: 's1' });
    await write(target, [], { expected: 's1', next: 's1' });
    await write(target, [], { expected: 's1', next: 's2' });
    expect(await open().readState()).toBe('s2');
    expect(await target.isEmpty()).toBe(true);
  });

  it('can be used again after a reset', async () => {
    const target = open();
    await write(target, [row(1, 'one', 'a')], { expected: null, next: 's1' });
    await target.reset();
    expect(await target.readState()).toBe('s1');
    await write(target, [gone(1)], { expected: 's1', next: 's2' });
    expect(await target.isEmpty()).toBe(true);
  });
}

function describeFencing({ open, readAll }: ContractContext): void {
  it.each([
    ['none is stored', null, 'before'],
    ['another one is stored', 's1', 'before'],
    ['one is stored but none expected', 's1', null],
  ])('is fenced, and writes nothing, when %s', async (_case, stored, expected) => {
    const target = open();
    if (stored !== null) await write(target, [row(1, 'one', 'a')], { expected: null, next: stored });
    const late = write(target, [row(1, 'late', 'x'), row(2, 'late', 'x')], { expected, next: 'late' });
    await expect(late).rejects.toBeInstanceOf(FencedError);
    expect(await target.readState()).toBe(stored);
    expect(await readAll()).toEqual(stored === null ? new Map() : rowsOf([1, 'one', 'a']));
  });

  it('fences out a worker that was overtaken', async () => {
    const [old, current] = [open(), open()];
    await write(old, [row(1, 'one', 'a')], { expected: null, next: 's1' });
    await write(current, [row(1, 'newer', 'a')], { expected: 's1', next: 's2' });
    await expect(write(old, [row(1, 'late', 'a')], { expected: 's1', next: 's2b' })).rejects.toBeInstanceOf(
      FencedError,
    );
    await expect(old.writeRows(chunk([1, 'late', 'a']), { expected: 's1', next: 's2b' })).rejects.toBeInstanceOf(
      FencedError,
    );
    expect(await readAll()).toEqual(rowsOf([1, 'newer', 'a']));
    expect(await old.readState()).toBe('s2');
  });
}

function describeRaces({ open, readAll }: ContractContext): void {
  it('empties nothing for a worker that was overtaken', async () => {
    const [old, current] = [open(), open()];
    await write(old, [row(1, 'one', 'a')], { expected: null, next: 's1' });
    await write(current, [row(2, 'newer', 'a')], { expected: 's1', next: 's2' });
    for (const expected of ['s1', null]) {
      const late = old.write({ truncated: [CONTRACT_TABLE_ID], states: [] }, { expected, next: 'late' }, WHOLE);
      await expect(late).rejects.toBeInstanceOf(FencedError);
      await old.reset();
    }
    expect(await readAll()).toEqual(rowsOf([1, 'one', 'a'], [2, 'newer', 'a']));
    expect(await current.readState()).toBe('s2');
  });

  it('lets exactly one of two workers through', async () => {
    const workers = [open(), open()];
    const outcomes = await Promise.allSettled(
      workers.map((target, i) => write(target, [row(1, `worker ${i}`, null)], { expected: null, next: `s${i}` })),
    );
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    const losses = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(losses.map(({ reason }) => reason as unknown)).toEqual([expect.any(FencedError)]);
    expect(await readAll()).toEqual(rowsOf([1, `worker ${winner}`, null]));
  });
}

/** A target with three rows and the state `s1`. */
async function filledTarget({ open }: ContractContext): Promise<Target> {
  const target = open();
  await write(target, [row(1, 'one', 'a'), row(2, 'two', 'b'), row(3, 'three', 'c')], { expected: null, next: 's1' });
  return target;
}

function describeCarriedColumns(context: ContractContext): void {
  const { readAll } = context;

  it('keeps the value of a column that is carried', async () => {
    const target = await filledTarget(context);
    await write(target, [carrying(1, 'changed', 1)], { expected: 's1', next: 's2' });
    expect(await readAll()).toEqual(rowsOf([1, 'changed', 'a'], [2, 'two', 'b'], [3, 'three', 'c']));
  });

  it('carries a column along to a new key', async () => {
    const target = await filledTarget(context);
    await write(target, [gone(1), carrying(9, 'moved', 1)], { expected: 's1', next: 's2' });
    expect(await readAll()).toEqual(rowsOf([2, 'two', 'b'], [3, 'three', 'c'], [9, 'moved', 'a']));
  });

  it('carries what stood there before the batch when keys are exchanged', async () => {
    const target = await filledTarget(context);
    await write(target, [carrying(1, 'was 2', 2), carrying(2, 'was 1', 1)], { expected: 's1', next: 's2' });
    expect(await readAll()).toEqual(rowsOf([1, 'was 2', 'b'], [2, 'was 1', 'a'], [3, 'three', 'c']));
  });

  it('carries what stood there before the batch when keys move up', async () => {
    const target = await filledTarget(context);
    const batch = [gone(1), carrying(2, 'was 1', 1), carrying(3, 'was 2', 2), carrying(4, 'was 3', 3)];
    await write(target, batch, { expected: 's1', next: 's2' });
    expect(await readAll()).toEqual(rowsOf([2, 'was 1', 'a'], [3, 'was 2', 'b'], [4, 'was 3', 'c']));
  });
}

function describeIncompleteKeys(context: ContractContext): void {
  const { readAll } = context;

  it('reports keys with nothing to carry, and writes the others', async () => {
    const target = await filledTarget(context);
    const lost = [carrying(7, 'no such row', 7), carrying(9, 'no such row', 8)];
    const reported: KeyState[] = [];
    const onIncomplete = async (states: readonly KeyState[]) => void reported.push(...states);
    const batch = { truncated: [], states: [carrying(1, 'changed', 1), ...lost, gone(2), row(5, 'five', null)] };
    await target.write(batch, { expected: 's1', next: 's2' }, { partial: false, onIncomplete });
    expect(new Set(reported)).toEqual(new Set(lost));
    expect(await readAll()).toEqual(rowsOf([1, 'changed', 'a'], [3, 'three', 'c'], [5, 'five', null]));
  });

  it('shows nothing when the report fails', async () => {
    const target = await filledTarget(context);
    const onIncomplete = () => Promise.reject(new Error('the journal is away'));
    const batch = { truncated: [], states: [row(1, 'changed', 'x'), carrying(7, 'no such row', 7)] };
    const failed = target.write(batch, { expected: 's1', next: 's2' }, { partial: false, onIncomplete });
    await expect(failed).rejects.toThrow('the journal is away');
    expect(await target.readState()).toBe('s1');
    expect(await readAll()).toEqual(rowsOf([1, 'one', 'a'], [2, 'two', 'b'], [3, 'three', 'c']));
  });
}

function describeParts({ open, readAll }: ContractContext): void {
  const parts: readonly (readonly [KeyState, StateMove])[] = [
    [row(1, 'one', 'a'), { expected: null, next: 's1' }],
    [row(2, 'two', 'b'), { expected: 's1', next: 's2' }],
    [carrying(1, 'changed', 1), { expected: 's2', next: 's3' }],
  ];

  it('writes a transaction in parts', async () => {
    const target = open();
    for (const [state, move] of parts.slice(0, -1)) await writePart(target, [state], move);
    for (const [state, move] of parts.slice(-1)) await write(target, [state], move);
    expect(await target.readState()).toBe('s3');
    expect(await readAll()).toEqual(rowsOf([1, 'changed', 'a'], [2, 'two', 'b']));
  });

  it('holds data and state that belong together when it stops between parts', async () => {
    const target = open();
    for (const [state, move] of parts.slice(0, 2)) await writePart(target, [state], move);
    await target.reset();
    const state = await target.readState();
    const all = await readAll();
    expect([state, [...all.keys()].sort()]).toEqual(state === null ? [null, []] : ['s2', ['1', '2']]);
  });
}

function describeCopies({ open, readAll }: ContractContext): void {
  it('writes rows of a copy into an empty data set', async () => {
    const target = open();
    await target.writeRows(chunk([1, 'one', 'a'], [2, 'two', null]), { expected: null, next: 's1' });
    await target.writeRows(chunk([3, 'tab\t\\', 'Zürich 🚀\r\n']), { expected: 's1', next: 's2' });
    expect(await target.readState()).toBe('s2');
    expect(await readAll()).toEqual(rowsOf([1, 'one', 'a'], [2, 'two', null], [3, 'tab\t\\', 'Zürich 🚀\r\n']));
  });

  it('replaces rows that exist, chunk after chunk', async () => {
    const target = open();
    await write(target, [row(1, 'one', 'a'), row(4, 'four', 'd')], { expected: null, next: 's1' });
    await target.writeRows(chunk([1, 'new', null], [2, 'two', 'b']), { expected: 's1', next: 's2' });
    await target.writeRows(chunk([3, 'three', 'c'], [4, 'new', 'e']), { expected: 's2', next: 's3' });
    await target.writeRows(chunk([5, 'five', 'f']), { expected: 's3', next: 's4' });
    expect(await readAll()).toEqual(
      rowsOf([1, 'new', null], [2, 'two', 'b'], [3, 'three', 'c'], [4, 'new', 'e'], [5, 'five', 'f']),
    );
  });

  it('lists every key once it has them, in pages', async () => {
    const target = open();
    const ids = Array.from({ length: 25 }, (_none, i) => i);
    await target.writeRows(chunk(...ids.map((id): Row => [id, `row ${id}`, null])), { expected: null, next: 's1' });
    for (const pageSize of [1, 10, 25, 100])
      expect(new Set(await keysOf(target, pageSize))).toEqual(new Set(ids.map(String)));
  });
}

async function keysOf(target: Target, pageSize: number): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of target.keys(CONTRACT_TABLE_ID, pageSize)) keys.push(...page);
  return keys;
}
