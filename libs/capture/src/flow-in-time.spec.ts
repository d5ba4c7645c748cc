import type { Lsn } from '@astro/sync-core';
import { flowOf, partsOf, type FlowParts, type NotedLedger } from './flow.fixture.js';

/** What happens between appends, and when they wait for the disk. */

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick'] }));
afterEach(() => jest.useRealTimers());

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const waitsOf = ({ appends }: NotedLedger) => appends.map(({ parts, until }) => [...parts, until].join(' '));

it('stores at once what comes alone', async () => {
  const { flow, ledger, pressure, accept } = flowOf();
  for (const name of ['10', '20', '30']) {
    accept(name);
    await pass(1);
  }
  expect(ledger.appends.map(({ parts }) => parts)).toEqual([['10'], ['20'], ['30']]);
  expect(pressure).toEqual([]);
  await flow.stop();
});

/** Many transactions come while each append is stored; when it is over, the next one has to wait for 4 ms. */
async function hurried(parts: FlowParts = {}) {
  const rig = flowOf(parts);
  for (let round = 0; round < 8; round++) {
    let open: () => void = () => undefined;
    rig.ledger.gate = new Promise((resolve) => (open = resolve));
    for (let i = 1; i <= 40; i++) rig.accept(`${round * 40 + i}:1`);
    await pass(4);
    open();
    await pass(16);
  }
  rig.ledger.gate = Promise.resolve();
  rig.accept('1000');
  await pass(0);
  rig.ledger.appends.length = 0;
  expect(rig.pressure).toEqual([]);
  return rig;
}

it('gathers when many come, and does not look at the source meanwhile', async () => {
  const { flow, ledger, pressure, accept } = await hurried();
  accept('1010');
  await pass(3);
  accept('1020');
  expect([pressure, ledger.appends]).toEqual([[true], []]);
  await pass(2);
  expect(pressure).toEqual([true, false]);
  expect(ledger.appends.map(({ parts }) => parts)).toEqual([['1010', '1020']]);
  await flow.stop();
});

it('reads the source once more before it appends', async () => {
  const { flow, ledger, accept } = await hurried({ arriving: ['1030', '1040'] });
  accept('1020');
  await pass(5);
  expect(ledger.appends[0]?.parts).toEqual(['1020', '1030', '1040']);
  await flow.stop();
});

it('does not let the source go on that sent too much before it held back', async () => {
  const { flow, ledger, pressure, accept } = await hurried({ maxWaitingBytes: 30_000 });
  let open: () => void = () => undefined;
  accept('1020');
  await pass(1);
  accept('1030:20000');
  accept('1040:20000'); // more than the ledger takes with the others at once
  ledger.gate = new Promise((resolve) => (open = resolve));
  await pass(5);
  expect(pressure).not.toContain(false);
  open();
  await pass(1);
  expect(pressure.at(-1)).toBe(false);
  await flow.stop();
});

it('appends nothing more once it is stopped', async () => {
  const { flow, ledger, pressure, accept } = await hurried();
  accept('1020');
  await pass(1);
  const stopped = flow.stop();
  await pass(25);
  await stopped;
  expect(partsOf(ledger.appends)).toEqual([]);
  expect(pressure).toEqual([true, false]);
});

it('waits for the disk a tenth of a second later, and lets only that be acknowledged (P2)', async () => {
  const { flow, ledger, durable, accept } = flowOf();
  for (const name of ['10', '20', '30']) {
    accept(name);
    await pass(30);
  }
  expect([waitsOf(ledger), durable]).toEqual([['10 visible', '20 visible', '30 visible'], []]);
  await pass(9);
  accept('40');
  await pass(1);
  accept('50');
  await pass(1);
  expect([waitsOf(ledger).slice(3), durable]).toEqual([['40 visible', 'durable', '50 visible'], [41n]]);
  await flow.stop();
});

it('waits for the disk with an append that comes when it is time', async () => {
  const { flow, ledger, durable, accept } = flowOf();
  accept('10');
  await pass(99);
  let open: () => void = () => undefined;
  ledger.gate = new Promise((resolve) => (open = resolve));
  accept('20');
  await pass(2); // it is under way when the time is over
  accept('30');
  open();
  await pass(1);
  expect([waitsOf(ledger), durable]).toEqual([['10 visible', '20 visible', '30 durable'], [31n]]);
  await flow.stop();
});

it.each([
  ['not little, its first parts included', ['20…:70000', '20:1'], ['20… ', '20 durable']],
  ['so large that lanes may cut it', ['20:1:11'], ['20 durable']],
])('always waits for the disk with a transaction that is %s', async (_text, parts, expected) => {
  const { flow, ledger, durable, accept } = flowOf();
  for (const part of ['10:1:10', ...parts, '30']) {
    accept(part);
    await pass(1);
  }
  expect(waitsOf(ledger)).toEqual(['10 visible', ...expected, '30 visible']);
  expect(durable).toEqual([21n]);
  await flow.stop();
});

it('makes the rest durable when nothing more comes, and does nothing more when it is', async () => {
  const { flow, ledger, durable, accept } = flowOf();
  accept('10');
  await pass(1);
  accept('20:70000');
  await pass(200);
  accept('30');
  await pass(1);
  expect(durable).toEqual([21n]);
  await pass(300);
  expect([waitsOf(ledger), durable]).toEqual([
    ['10 visible', '20 durable', '30 visible', 'durable'],
    [21n, 31n],
  ]);
  await flow.stop();
});

it('acknowledges an idle position that came while the rest was made durable (W9)', async () => {
  const { flow, ledger, durable, accept } = flowOf();
  accept('10');
  await pass(1);
  let open: () => void = () => undefined;
  ledger.gate = new Promise((resolve) => (open = resolve));
  await pass(100);
  flow.idleAt(95n as Lsn);
  await pass(10);
  open();
  await pass(1001);
  expect(durable).toEqual([11n, 95n]);
  await flow.stop();
});

it('makes the rest durable when it is stopped, but no transaction that has not ended', async () => {
  const whole = flowOf();
  const open = flowOf();
  for (const { accept } of [whole, open]) {
    accept('10');
    await pass(1);
  }
  open.accept('20…:100');
  await pass(1);
  await Promise.all([whole.flow.stop(), open.flow.stop()]);
  expect([whole.durable, open.durable]).toEqual([[11n], []]);
  expect(waitsOf(open.ledger).at(-1)).toBe('20… ');
});

it('acknowledges nothing when the last word of the ledger was an error', async () => {
  const { flow, ledger, durable, errors, accept } = flowOf();
  accept('10');
  await pass(1);
  ledger.gate = Promise.reject(new Error('gone'));
  accept('20');
  await pass(0);
  accept('30');
  ledger.gate = Promise.resolve();
  await pass(200);
  await flow.stop();
  expect([durable, errors]).toEqual([[], [new Error('gone')]]);
});
