import { gzipSync } from 'node:zlib';
import { StoredForm } from '../../targets/redis/stored-form.js';
import { AnswerMatcher } from './answer-matcher.js';
import { ExpectedPacker } from './expected-packer.js';
import { KEYS_PER_COMMAND, forEachKey, keyAt, pageOf, type ExpectedPage } from './expected-page.js';

const DOCUMENTS = [
  ['1', '{"id":1}'],
  ['2', '{"id":2,"name":"Zürich"}'],
  ['3', null],
  ['4', '{}'],
  ['5', '{"id":5,"name":"a\\r\\n$3\\r\\nb"}'],
] as const;

/** What Redis answers to the page's command when it holds this. */
function answerOf(stored: readonly (string | Buffer | null)[]): Buffer {
  const parts = stored.map((value) =>
    value === null
      ? Buffer.from('$-1\r\n')
      : Buffer.concat([Buffer.from(`$${Buffer.byteLength(value)}\r\n`), Buffer.from(value), Buffer.from('\r\n')]),
  );
  return Buffer.concat([Buffer.from(`*${stored.length}\r\n`), ...parts]);
}

function match(page: ExpectedPage, answer: Buffer, piece: number, forms: StoredForm | null = null): readonly number[] {
  const looks = forms && {
    maxBytes: 1000,
    isSame: (stored: Buffer, document: Buffer) => forms.compare(stored, document) === 'same',
  };
  const matcher = new AnswerMatcher(page, looks);
  let isEnd = false;
  for (let at = 0; at < answer.length; at += piece) isEnd = matcher.feed(answer.subarray(at, at + piece));
  expect(isEnd).toBe(true);
  return matcher.different;
}

const whole: readonly (string | null)[] = DOCUMENTS.map(([, document]) => document);
const instead = (index: number, value: string | Buffer | null) => whole.map((one, i) => (i === index ? value : one));

describe('AnswerMatcher', () => {
  it.each([
    ['nothing where all is equal', whole, []],
    ['a missing document', instead(0, null), [0]],
    ['a document that should not be there', instead(2, 'x'), [2]],
    ['one of the same length', instead(1, '{"id":3,"name":"Zürich"}'), [1]],
    ['a longer one that begins alike', instead(0, '{"id":1} '), [0]],
    ['a shorter one that begins alike', instead(4, '{"id":5'), [4]],
    ['an empty one', instead(3, ''), [3]],
    ['a huge one', instead(1, 'x'.repeat(100_000)), [1]],
    ['all', ['a', null, 'b', 'c', 'd'], [0, 1, 2, 3, 4]],
  ] as const)('finds %s, however the answer is cut', (_name, stored, expected) => {
    const answer = answerOf(stored);
    for (const piece of [1, 2, 3, 7, 64, answer.length]) {
      expect(match(pageOf('{p}:', DOCUMENTS), answer, piece)).toEqual(expected);
    }
  });

  it('reads answers of several commands', () => {
    const documents = Array.from({ length: 2500 }, (_none, i): [string, string] => [String(i), `{"id":${i}}`]);
    const answers = [0, 1000, 2000].map((from) =>
      answerOf(documents.slice(from, from + KEYS_PER_COMMAND).map(([key, text]) => (key === '1000' ? 'other' : text))),
    );
    expect(match(pageOf('{p}:', documents), Buffer.concat(answers), 1000)).toEqual([1000]);
  });

  it('looks into documents that are compressed', () => {
    const page = pageOf('{p}:', DOCUMENTS);
    const stored = [whole[0] ?? '', gzipSync(whole[1] ?? ''), null, gzipSync('[]'), 'x'.repeat(5000)];
    for (const piece of [1, 5, 1000]) {
      expect(match(page, answerOf(stored), piece, new StoredForm(20))).toEqual([3, 4]);
    }
  });

  it.each(['-LOADING Redis is loading\r\n', '*5\r\n:1\r\n'])('tells that it was refused: %j', (answer) => {
    const matcher = new AnswerMatcher(pageOf('{p}:', DOCUMENTS));
    expect(() => matcher.feed(Buffer.from(answer))).toThrow('CacheDB refused');
  });

  it('tells of an answer that is too long', () => {
    const matcher = new AnswerMatcher(pageOf('{p}:', DOCUMENTS));
    expect(() => matcher.feed(Buffer.concat([answerOf(whole), Buffer.from('+OK')]))).toThrow('more than was asked');
  });
});

describe('ExpectedPacker', () => {
  const COLUMNS = [
    { name: 'id', typeOid: 23 },
    { name: 'name', typeOid: 25 },
  ];
  const joined = (bytes: Buffer) => ({ bytes, start: 0, end: bytes.length, messages: 1, longestBytes: bytes.length });
  const rows = (ids: readonly number[]) =>
    ids.map((id) => Buffer.from(`${id}\t${id % 3 === 0 ? '\\N' : `na"me ü ${id}`}\n`));
  const documents = (ids: readonly number[]) =>
    ids.map((id): [string, string] => [
      String(id),
      `{"id":${id},"name":${id % 3 === 0 ? 'null' : `"na\\"me ü ${id}"`}}`,
    ]);

  it.each([0, 1, 999, 1000, 1001, 2345, 9000])(
    'gives the question and the answer of %d rows, page after page',
    (count) => {
      const packer = new ExpectedPacker(COLUMNS, { keyPrefix: '{p}:', keyColumns: ['id'], columns: null }, 1e9);
      for (const first of [1, 500_000]) {
        const ids = Array.from({ length: count }, (_none, i) => first + i);
        packer.begin();
        for (const row of rows(ids)) expect(packer.add(joined(row))).toBe(true);
        const [page, expected] = [packer.end(), pageOf('{p}:', documents(ids))];
        expect(page.count).toBe(count);
        expect(page.command.equals(expected.command)).toBe(true);
        expect(page.answer.equals(expected.answer)).toBe(true);
        for (const places of ['starts', 'ends', 'keyStarts'] as const) {
          expect(page[places].slice(0, count)).toEqual(expected[places]);
        }
        expect(ids.map((_id, i) => keyAt(page, i))).toEqual(ids.map(String));
        const keys: string[] = [];
        forEachKey(page, (bytes, start, end) => keys.push(bytes.toString('utf8', start, end)));
        expect(keys).toEqual(ids.map(String));
      }
    },
  );

  it('says when a page is large enough', () => {
    const twoRows = Buffer.concat(rows([1, 2])).length;
    const packer = new ExpectedPacker(COLUMNS, { keyPrefix: '', keyColumns: ['id'], columns: null }, twoRows);
    packer.begin();
    expect(rows([1, 2, 3, 4, 5]).map((row) => packer.add(joined(row)))).toEqual([true, true, false, false, false]);
  });
});
