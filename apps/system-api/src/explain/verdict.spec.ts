import { type Change, type Explanation, type Holding } from '@astro/contracts';
import { differencesOf, sentenceOf, verdictOf, type Evidence } from './verdict.js';

const origin = {
  service: 'AgencyAPI',
  user: 'leo',
  action: 'launches.price',
  reason: 'sale',
  correlationId: null,
  observedRole: 'app_rw',
  observedApplication: 'psql',
  observedAddress: null,
  unattributed: false,
};
const change: Change = {
  id: '4097',
  dataSet: 'launches',
  jobType: 'realtime',
  entityType: 'public.launches',
  entityId: 'l-1',
  op: 'update',
  status: 'completed',
  committedAt: '2026-11-20T10:00:00.000Z',
  createdAt: '2026-11-20T10:00:00.100Z',
  executedAt: '2026-11-20T10:00:00.200Z',
  changedFields: ['price'],
  origin,
  commitLsn: '0/A0',
  seq: 0,
  error: null,
};
const nobody = { ...origin, service: null, user: null, action: null, reason: null, unattributed: true };
const failed = { code: 'X', message: 'The value is too long. Make it shorter.' };

const holding = (endpoint: Holding['endpoint'], given: Partial<Holding> = {}): Holding => {
  return { endpoint, place: 'p', state: 'present', value: { a: 1 }, detail: null, tookMs: 1, ...given };
};
const absent = { state: 'absent', value: null } as const;
const evidence = (given: Partial<Evidence>): Evidence => ({
  source: holding('operations'),
  target: holding('cache'),
  differences: [],
  waiting: null,
  cause: change,
  setAside: null,
  copying: false,
  dataSetStatus: 'fresh',
  ...given,
});
const differences = [{ field: 'price', source: '1', target: '2' }];

it.each<[string, Partial<Evidence>, Explanation['verdict'], string]>([
  ['both the same', {}, 'equal', 'CacheDB holds what OperationsDB holds.'],
  ['who did it', {}, 'equal', 'Last changed by leo via AgencyAPI · launches.price at 2026-11-20T10:00:00.000Z (sale).'],
  ['nobody claimed it', { cause: { ...change, origin: nobody } }, 'equal', 'somebody unattributed (role app_rw, psql)'],
  ['no change is known', { cause: null }, 'equal', 'it came with a copy'],
  [
    'nobody holds it and no change is known',
    { cause: null, source: holding('operations', absent), target: holding('cache', absent) },
    'absent',
    'the key may be mistyped',
  ],
  ['a field differs', { differences }, 'differs', 'differ in price'],
  ['a field differs and a change waits', { differences, waiting: change }, 'behind', 'waits to be applied'],
  ['a field differs during a copy', { differences, copying: true }, 'behind', 'is being copied'],
  [
    'a field differs while nobody reports',
    { differences, dataSetStatus: 'unknown' },
    'behind',
    'The data set is unknown.',
  ],
  [
    'only the source has it',
    { target: holding('cache', absent) },
    'differs',
    'OperationsDB holds it, but CacheDB does not',
  ],
  [
    'only the target has it',
    { source: holding('operations', absent) },
    'differs',
    'CacheDB holds it, but OperationsDB does not',
  ],
  ['nobody has it', { source: holding('operations', absent), target: holding('cache', absent) }, 'absent', 'Neither'],
  [
    'it was set aside',
    { setAside: failed, differences },
    'set_aside',
    'The key is set aside: The value is too long. Make it shorter. Last changed by leo',
  ],
  ['it was set aside and waits', { setAside: failed, differences }, 'set_aside', 'tried again every minute'],
  [
    'the source cannot be read',
    { source: holding('operations', { state: 'unknown', value: null, detail: 'It did not answer in time.' }) },
    'unknown',
    'What OperationsDB holds is not known: It did not answer in time.',
  ],
  [
    'something else stands there',
    { target: holding('cache', { value: null, detail: 'It is a list.' }) },
    'differs',
    'It is a list.',
  ],
])('%s', (_name, given, verdict, words) => {
  expect(verdictOf(evidence(given))).toBe(verdict);
  expect(sentenceOf(evidence(given))).toContain(words);
});

it.each([
  ['equal values', { a: 1, b: { c: 2 } }, { a: 1, b: { c: 2 } }, []],
  ['null and missing', { a: null }, {}, ['a']],
  ['a text and a number', { a: '1' }, { a: 1 }, ['a']],
  ['fields that only the target has', { a: 1 }, { a: 1, more: 2 }, []],
])('compares %s', (_name, source, target, fields) => {
  expect(differencesOf(source, target).map(({ field }) => field)).toEqual(fields);
});
