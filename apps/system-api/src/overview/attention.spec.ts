import { type KnownDataSet } from '../data-sets/data-sets.service.js';
import { needsAttention, verdictOf, type OverviewFacts } from './attention.js';

const dataSet = (name: string, given: Partial<KnownDataSet> = {}): KnownDataSet => ({
  name,
  kind: 'flat',
  mode: 'live',
  schedule: null,
  source: 'operations',
  target: 'cache',
  tables: [],
  status: 'fresh',
  statusReason: 'Everything captured is applied.',
  statusSince: '2026-11-22T10:00:00.000Z',
  copying: false,
  lagRows: null,
  lagSeconds: 0,
  lagTargetSeconds: 10,
  position: null,
  captured: { commitLsn: null, safeLsn: null, at: null },
  lastRun: null,
  rows: null,
  setAsideKeys: 0,
  lagSparkline: [],
  reportedAt: '2026-11-22T10:00:00.000Z',
  ...given,
});
const facts = (given: Partial<OverviewFacts>): OverviewFacts => ({
  dataSets: [dataSet('a'), dataSet('b')],
  components: [],
  troubledRuns: [],
  unattributed: { changes: 0, exact: true, since: '2026-11-22T06:00:00.000Z' },
  ...given,
});
const run = (id: string, state: string, finishedAt: string) => {
  return { id, mode: 'full', state, reason: null, dataSets: ['a'], finishedAt };
};
const read = (given: Partial<OverviewFacts>) => {
  const all = facts(given);
  const { tone, parts } = verdictOf(all.dataSets, needsAttention(all));
  return `${tone}: ${parts.map(({ text }) => text).join('')}`;
};

it.each<[string, Partial<OverviewFacts>, string]>([
  ['all is well', {}, 'good: All 2 data sets are fresh.'],
  ['nothing is declared', { dataSets: [] }, 'unknown: No data set is declared yet.'],
  [
    'one is paused',
    { dataSets: [dataSet('a'), dataSet('b', { status: 'paused' })] },
    'good: 1 of 2 data sets are fresh, 1 paused.',
  ],
  ['one is late', { dataSets: [dataSet('a', { status: 'late' })] }, 'warning: 1 thing needs you: a is late'],
  ['one does not move', { dataSets: [dataSet('a', { status: 'stalled' })] }, 'bad: 1 thing needs you: a does not move'],
  [
    'one needs a copy',
    { dataSets: [dataSet('a', { status: 'needs_resync' })] },
    'bad: 1 thing needs you: a needs a new copy',
  ],
  [
    'a worker that is away is one cause',
    { dataSets: [dataSet('a', { status: 'unknown' }), dataSet('b', { status: 'unknown' })] },
    'bad: 1 thing needs you: 2 data sets are unknown',
  ],
  [
    'a key is set aside',
    { dataSets: [dataSet('a', { setAsideKeys: 1 })] },
    'warning: 1 thing needs you: a: 1 key is set aside',
  ],
  [
    'a part is broken',
    { components: [{ name: 'capture', healthy: false, detail: 'x' }] },
    'bad: 1 thing needs you: capture is not healthy',
  ],
  [
    'a data set as a part has its own line',
    { components: [{ name: 'data set a', healthy: false, detail: 'x' }] },
    'good: All 2 data sets are fresh.',
  ],
  [
    'nobody claimed some changes',
    { unattributed: { changes: 3, exact: true, since: '2026-11-22T06:00:00Z' } },
    'good: All 2 data sets are fresh.',
  ],
  [
    'a run failed',
    { troubledRuns: [run('7', 'failed', '2026-11-22T09:00:00.000Z')] },
    'bad: 1 thing needs you: Run 7 failed',
  ],
])('the verdict when %s', (_name, given, expected) => {
  expect(read(given)).toBe(expected);
});

it.each([
  [1, 'It could not be written and waits with its error.'],
  [2, 'They could not be written and wait with their errors.'],
])('says of %i keys that were set aside what is true', (setAsideKeys, detail) => {
  expect(needsAttention(facts({ dataSets: [dataSet('a', { setAsideKeys })] }))[0]?.detail).toBe(detail);
});

it('OV-2 sorts by severity, then age, then title', () => {
  const items = needsAttention(
    facts({
      dataSets: [dataSet('z', { setAsideKeys: 2 }), dataSet('b', { setAsideKeys: 1 })],
      unattributed: { changes: 1, exact: true, since: '2026-11-01T00:00:00.000Z' },
      troubledRuns: [
        run('1', 'failed', '2026-11-22T09:00:00.000Z'),
        run('2', 'stopped_by_guard', '2026-11-22T08:00:00.000Z'),
        run('3', 'succeeded_with_leftovers', '2026-11-22T07:00:00.000Z'),
      ],
    }),
  );
  expect(items.map(({ id }) => id)).toEqual(['run:2', 'run:1', 'run:3', 'set_aside:b', 'set_aside:z', 'unattributed']);
});

it.each<[string, OverviewFacts['dataSets'], (string | null)[]]>([
  ['all are', [dataSet('a'), dataSet('b')], ['/data-sets', null]],
  [
    'some are',
    [dataSet('a'), dataSet('b', { status: 'paused' })],
    ['/data-sets?status=fresh', null, '/data-sets?status=paused', null],
  ],
])('OV-6 when %s fresh, the numbers lead to so many data sets', (_name, dataSets, links) => {
  expect(verdictOf(dataSets, []).parts.map(({ link }) => link)).toEqual(links);
});

it('gives every line a link inside the web app', () => {
  const [item] = needsAttention(facts({ dataSets: [dataSet('a', { status: 'late' })] }));
  expect(item?.link).toBe('/data-sets/a');
});
