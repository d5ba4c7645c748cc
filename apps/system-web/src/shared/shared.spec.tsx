import { ApiError, errorOfAnswer, problemOrNull, problemTextOf } from './api-error.js';
import { isoOfInstant } from './instants.js';
import { param, parseSearch, printSearch, readSearch, searchRules } from './search-params.js';

const SHAPE = {
  text: param.text(20),
  mode: param.word(['full', 'verify']),
  tab: param.tab(['progress', 'errors']),
  state: param.words(['failed', 'running']),
  names: param.texts(),
  all: param.flag(),
  limit: param.limit(),
  from: param.instant(),
};
const read = (text: string) => readSearch(SHAPE, parseSearch(text));
const DEFAULTS = { tab: 'progress', state: [], names: [], all: false, limit: 50 };

describe('search params', () => {
  it.each([
    ['', {}, []],
    ['?state=failed&state=running', { state: ['failed', 'running'] }, []],
    ['?state=failed', { state: ['failed'] }, []],
    ['?state=broken&mode=full', { mode: 'full' }, ['state']],
    ['?limit=7', {}, ['limit']],
    ['?limit=100', { limit: 100 }, []],
    ['?limit=50&limit=100', {}, ['limit']],
    ['?text=123', { text: '123' }, []],
    [`?text=${'x'.repeat(21)}&tab=errors`, { tab: 'errors' }, ['text']],
    ['?all=true&from=now-6h', { all: true, from: 'now-6h' }, []],
    ['?all=perhaps&from=yesterday', {}, ['all', 'from']],
    ['?from=2026-11-22T10:00:00Z&unknown=1', { from: '2026-11-22T10:00:00Z' }, []],
  ])('URL-1 "%s" is read, and what is broken falls back', (text, expected, ignored) => {
    expect(read(text)).toEqual({ values: { ...DEFAULTS, ...expected }, ignored });
  });

  it('URL-1 what is printed reads back the same, over many random values', () => {
    let seed = 11;
    const chance = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const letters = 'aé &=?%+/"[]{},#\u202e😀';
    for (let round = 0; round < 500; round += 1) {
      const word = Array.from({ length: 1 + chance(8) }, () => [...letters][chance([...letters].length)]).join('');
      const values = {
        ...DEFAULTS,
        text: word,
        tab: chance(2) ? 'errors' : 'progress',
        state: chance(2) ? ['failed'] : [],
        names: Array.from({ length: chance(4) }, (_, index) => `${word}${index}`),
        all: chance(2) === 1,
        limit: [25, 50, 100][chance(3)],
      };
      expect(read(printSearch(values))).toEqual({ values, ignored: [] });
    }
  });

  it('URL-1 defaults are not printed', () => {
    const [strip] = searchRules(SHAPE).search.middlewares;
    const given = { ...readSearch(SHAPE, { tab: 'errors', limit: '100' }).values };
    const next = <T,>(search: T): T => search;
    expect((strip as (context: { search: unknown; next: typeof next }) => unknown)({ search: given, next })).toEqual({
      tab: 'errors',
      limit: 100,
    });
  });
});

it.each([
  ['now', '2026-11-22T10:00:00.000Z'],
  ['now-6h', '2026-11-22T04:00:00.000Z'],
  ['now-15m', '2026-11-22T09:45:00.000Z'],
  ['now-2d', '2026-11-20T10:00:00.000Z'],
  ['2026-11-22T11:00:00+01:00', '2026-11-22T10:00:00.000Z'],
])('URL-1 the instant %s is %s', (instant, expected) => {
  expect(isoOfInstant(instant, Date.parse('2026-11-22T10:00:07.000Z'))).toBe(expected);
});

describe('errors', () => {
  const answer = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });
  const problem = {
    type: 'about:blank',
    title: 'Forbidden',
    status: 403,
    detail: 'This needs another role.',
    instance: '/api/v1/users',
    code: 'FORBIDDEN',
    requestId: 'request-7',
  };

  it('MSG-1 a problem becomes its title, its detail, our advice and the request id', () => {
    expect(problemTextOf(errorOfAnswer(answer(403), problem))).toEqual({
      title: 'Forbidden',
      detail: 'This needs another role.',
      advice: 'Ask an administrator for a role that may do this.',
      requestId: 'request-7',
      status: 403,
    });
  });

  it('MSG-1 an unknown code, and one that objects have anyway, has no advice', () => {
    for (const code of ['BRAND_NEW', 'constructor']) {
      expect(problemTextOf(errorOfAnswer(answer(403), { ...problem, code })).advice).toBeUndefined();
    }
  });

  it('MSG-1 an answer that is no problem is told in our words', () => {
    const error = errorOfAnswer(answer(500, { 'x-request-id': 'request-8' }), '<html>secret</html>');
    expect(error).toMatchObject({ title: 'The server answered with an error', requestId: 'request-8', status: 500 });
    expect(error.message).not.toContain('secret');
  });

  it('MSG-1 says how long to wait', () => {
    expect(errorOfAnswer(answer(429, { 'retry-after': '65' }), problem).retryAfterS).toBe(65);
    expect(errorOfAnswer(answer(429, { 'retry-after': 'soon' }), problem).retryAfterS).toBeUndefined();
  });

  it('MSG-1 an error of the page itself shows no inner detail', () => {
    expect(problemTextOf(new Error('x is undefined')).detail).not.toContain('undefined');
    expect(problemOrNull(null)).toBeNull();
    expect(problemOrNull(new ApiError('x', { title: 't', code: 'c', requestId: null }))).toMatchObject({ title: 't' });
  });
});
