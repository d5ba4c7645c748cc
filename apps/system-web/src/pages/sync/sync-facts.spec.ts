import { aPreview, previewItem } from '../../features/runs/runs.fixture.js';
import { ApiError } from '../../shared/api-error.js';
import { isNothingToDo, readyAtMs, tierOf, totalOf, whyNoStart } from './plan-facts.js';
import { placeOf, setScopeErrors } from './sync-errors.js';
import { requestOf, valuesOfPreview, valuesOfSearch } from './sync-form.js';

it.each([
  ['incremental', null, 1],
  ['verify', null, 1],
  ['full', null, 2],
  ['repair', null, 2],
  ['full', 'A1B2', 3],
  ['incremental', 'A1B2', 3],
] as const)('SY-7 a plan of mode %s with the confirmation %s has tier %d', (mode, confirmation, expected) => {
  expect(tierOf({ mode, confirmation })).toBe(expected);
});

const NOW_MS = Date.parse('2026-11-22T10:00:00.000Z');

it.each([
  ['a fresh one', {}, 60_000, null],
  ['one that is counted', { state: 'planning' }, null, /still being counted/],
  ['one that failed', { state: 'failed' }, 0, /could not be made/],
  ['a discarded one', { state: 'cancelled' }, 0, /discarded/],
  ['one that the server calls expired', { state: 'expired' }, 0, /older than 10 minutes/],
  ['one that grew old here', {}, 600_001, /older than 10 minutes/],
  ['a used one', { usedBy: '7' }, 0, /Run 7 was already started/],
] as const)('SY-6 %s may start or says why not', (_name, more, ageMs, expected) => {
  const readyMs = ageMs === null ? null : NOW_MS - ageMs;
  const reason = whyNoStart(aPreview(more), { nowMs: NOW_MS, readyMs });
  if (expected === null) expect(reason).toBeNull();
  else expect(reason).toMatch(expected);
});

it('SY-6 the age of a plan is the difference of two times of the server, whatever this clock says', () => {
  const preview = { readyAt: '2020-01-01T00:00:00.000Z', asOf: '2020-01-01T00:00:30.000Z' };
  expect(readyAtMs(preview, NOW_MS)).toBe(NOW_MS - 30_000);
  expect(readyAtMs({ ...preview, readyAt: null }, NOW_MS)).toBeNull();
});

it('SY-1 a sum is not known as soon as one part is not', () => {
  const known = aPreview({ items: [previewItem(), previewItem({ dataSet: 'b', inserts: 1 })] });
  expect(totalOf(known, 'inserts')).toBe(11);
  expect(totalOf(aPreview({ items: [previewItem(), previewItem({ inserts: null })] }), 'inserts')).toBeNull();
  const equal = previewItem({ inserts: 0, changes: 0, removals: 0 });
  expect(isNothingToDo(aPreview({ items: [equal] }))).toBe(true);
  expect(
    [known, aPreview({ items: [] }), aPreview({ items: [{ ...equal, changes: null }] })].map(isNothingToDo),
  ).toEqual([false, false, false]);
});

describe('the form of a sync', () => {
  const search = { dataSet: ['orders'], all: false, mode: 'full' } as const;

  it.each([
    ['everything', { dataSet: [], all: true }, {}, { datasets: 'all', mode: 'incremental', options: {} }],
    ['one data set', search, {}, { datasets: ['orders'], mode: 'full', options: {} }],
    ['a rate', search, { rateLimit: 500 }, { options: { rateLimitRowsPerS: 500 } }],
    ['keys', search, { narrowing: 'keys', keys: ' 1 \n\n["a","b"]\n' }, { options: { keys: ['1', '["a","b"]'] } }],
    [
      'conditions',
      search,
      {
        narrowing: 'filter',
        table: 'public.orders',
        filter: [
          { column: ' id ', operator: 'in', value: '1\n2' },
          { column: 'price', operator: 'is_null', value: 'forgotten' },
          { column: 'name', operator: 'eq', value: ' a ' },
        ],
      },
      {
        options: {
          table: 'public.orders',
          filter: [
            { column: 'id', operator: 'in', value: ['1', '2'] },
            { column: 'price', operator: 'is_null' },
            { column: 'name', operator: 'eq', value: ' a ' },
          ],
        },
      },
    ],
    [
      'keys in a mode that takes none',
      { ...search, mode: 'incremental' },
      { narrowing: 'keys', keys: '1' },
      { options: {} },
    ],
  ] as const)('SY-6 asks for %s', (_name, from, more, expected) => {
    const request = requestOf({ ...valuesOfSearch(from), ...more } as Parameters<typeof requestOf>[0]);
    expect(request).toMatchObject(expected);
    expect(request.options).toEqual(expected.options ?? {});
  });

  it('SY-6 a plan leads back to the values that it was made of', () => {
    const options = {
      rateLimitRowsPerS: 9,
      table: 'public.orders',
      filter: [
        { column: 'id', operator: 'in' as const, value: ['1', '2'] },
        { column: 'x', operator: 'is_null' as const },
      ],
    };
    const preview = aPreview({ options });
    expect(requestOf(valuesOfPreview(preview, false))).toEqual({ datasets: ['orders'], mode: 'full', options });
    const byKeys = aPreview({ options: { keys: ['1', '2'] } });
    expect(requestOf(valuesOfPreview(byKeys, false)).options).toEqual({ keys: ['1', '2'] });
    expect(requestOf(valuesOfPreview(aPreview(), true))).toEqual({ datasets: 'all', mode: 'full', options: {} });
  });
});

it.each([
  ['/datasets', 'dataSets', ''],
  ['/datasets/0', 'dataSets', ''],
  ['/mode', 'mode', ''],
  ['/options/table', 'table', ''],
  ['/options/keys', 'keys', ''],
  ['/options/keys/2', 'keys', 'Key 3: '],
  ['/options/filter', 'filter.0.column', ''],
  ['/options/filter/1', 'filter.1.column', ''],
  ['/options/filter/1/value', 'filter.1.value', ''],
  ['/options/filter/0/value/3', 'filter.0.value', ''],
  ['/options/filter/0/operator', 'filter.0.operator', ''],
  ['/options/rateLimitRowsPerS', 'rateLimit', ''],
])('MSG-2 the pointer %s is the field %s', (pointer, field, prefix) => {
  expect(placeOf(pointer)).toEqual({ field, prefix });
});

it('MSG-2 what no field is about has to be said elsewhere', () => {
  const setError = jest.fn();
  const facts = { title: 'No', code: 'X', requestId: null };
  expect(setScopeErrors(new ApiError('No.', facts), setError)).toBe(false);
  expect(setScopeErrors(new Error('No.'), setError)).toBe(false);
  const errors = [
    { pointer: '/elsewhere', detail: 'is wrong' },
    { pointer: '/mode', detail: 'is wrong' },
  ];
  expect(setScopeErrors(new ApiError('No.', { ...facts, errors }), setError)).toBe(false);
  expect(setError).toHaveBeenCalledTimes(1);
});
