import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ColumnRef } from '@astro/sync-core';
import { copyText, encoded, TEXT_OID, type Row } from '../copy-text.fixture.js';
import { PackedDocuments } from '../packed-documents.js';
import type { PackedTable } from './row-layout.js';

it('finds row-kernel.wasm.ts as row-kernel.wat compiles; else run: npm run kernel', () => {
  const script = join(__dirname, '../../../../../tools/build/row-kernel.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect([stdout + stderr, status]).toEqual(['kernel: row-kernel.wasm.ts is current\n', 0]);
});

/** Those that JSON or COPY text writes otherwise, and the neighbours of their ranges. */
const SPECIAL = ['"', '\\', '\t', '\n', '\r', '\b', '\f', '\v', '\x01', '\x1f', '\x7f', '\xff'];
/** The kernel takes 16 bytes at a time. */
const AROUND_A_STEP = [14, 15, 16, 17, 18];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const LENGTHS = Array.from({ length: 51 }, (_none, length) => length);

const plain = (length: number) => LETTERS.repeat(Math.ceil(length / LETTERS.length)).slice(0, length);

/** Of one length: without the byte, with it at each place that matters, with nothing else. */
function valuesWith(byte: string, length: number): string[] {
  const value = plain(length);
  const places = new Set([0, ...AROUND_A_STEP, length - 1].filter((at) => at >= 0 && at < length));
  return [
    value,
    ...Array.from(places, (at) => `${value.slice(0, at)}${byte}${value.slice(at + 1)}`),
    byte.repeat(length),
  ];
}

const allValues = (byte: string) => LENGTHS.flatMap((length) => valuesWith(byte, length));

const textColumn = (name: string): ColumnRef => ({ name, typeOid: TEXT_OID });
const ALL: PackedTable = { keyPrefix: '{t}:', keyColumns: ['id'], columns: null };

/** Packs them with no more room than they need and compares; a failure shows where it begins, not all megabytes. */
function expectSame(rows: readonly Row[], described: readonly ColumnRef[], table: PackedTable = ALL): void {
  const longest = rows.reduce((most, row) => Math.max(most, copyText([row]).length), 0);
  const packed = new PackedDocuments(described, table).pack(copyText(rows), longest).toString('latin1');
  const wanted = encoded(rows, described, table).toString('latin1');
  if (packed === wanted) return;
  const at = Array.from(wanted).findIndex((character, i) => packed[i] !== character);
  const near = (text: string) => text.slice(Math.max(0, at - 60), at + 60);
  expect({ near: near(packed), length: packed.length }).toEqual({ near: near(wanted), length: wanted.length });
}

describe('what the row kernel writes is what DocumentEncoder and encodeKey write', () => {
  const IN_THE_MIDDLE = [{ name: 'id', typeOid: 23 }, ...['before', 'value', 'after'].map(textColumn)];

  it.each([null, '', 'N', '\\N', '"'])('for texts of each length with each special byte, beside %j', (beside) => {
    const values = SPECIAL.flatMap(allValues);
    expectSame(
      values.map((value, i) => [String(i), beside, value, beside]),
      IN_THE_MIDDLE,
    );
  });

  it.each(SPECIAL)('for keys of each length with %j, in the first column, the second and both', (byte) => {
    const described = ['a', 'b', 'c'].map(textColumn);
    const rows = allValues(byte).map((value, i): Row => [value, plain(i % 40) + value, null]);
    for (const keyColumns of [['a'], ['b'], ['a', 'b'], ['b', 'a']]) {
      expectSame(rows, described, { ...ALL, keyColumns });
    }
  });

  it('for key prefixes and lengths of keys around each step and number of digits', () => {
    const rows = [...LENGTHS, 99, 100, 101, 999, 1000].map((length): Row => [plain(length)]);
    for (const length of LENGTHS) {
      expectSame(rows, [textColumn('id')], { ...ALL, keyPrefix: plain(length) });
    }
  });

  it('for names of columns of each length', () => {
    const described = ['id', ...LENGTHS.map((length) => `${plain(length)}"ü`)].map(textColumn);
    expectSame(
      [described.map((_column, i) => plain(i)), described.map(() => 'x'), ['1', ...LENGTHS.map(() => null)]],
      described,
    );
  });

  it('for documents whose length gets a digit more or less from row to row', () => {
    const described = ['id', 'value'].map(textColumn);
    const withoutValue = '{"id":"1","value":""}'.length;
    const lengths = [99, 100, 99, 101, 999, 1000, 999, 9999, 10_000, 9999, 100, 10_000, 99, 99_999, 100_000, 99, 1000];
    const rows = lengths.map((length): Row => ['1', plain(length - withoutValue)]);
    expect(
      encoded(rows, described, ALL)
        .toString()
        .match(/\$\d+(?=\r\n\{")/g),
    ).toEqual(lengths.map((n) => `$${n}`));
    expectSame(rows, described);
  });
});

const MIXED = [
  { name: 'id', typeOid: 23 },
  { name: 'name', typeOid: TEXT_OID },
  { name: 'open', typeOid: 16 },
  { name: 'small', typeOid: 21 },
  { name: 'price', typeOid: 1700 },
  { name: 'note', typeOid: TEXT_OID },
];

describe('what the row kernel writes for rows of several types', () => {
  it('is the same for each choice of columns', () => {
    const numbers = ['0', '7', '-1', '32767', '-32768', null];
    const rows = numbers.flatMap((number, i) =>
      ['t', 'f', null].map((open): Row => [`${i}`, plain(i * 7), open, number, '-12.50', i % 2 ? null : '\x1f']),
    );
    for (let choice = 1; choice < 2 ** MIXED.length; choice++) {
      const columns = MIXED.flatMap(({ name }, i) => (choice & (1 << i) ? [name] : []));
      expectSame(rows, MIXED, { ...ALL, columns });
      expectSame(rows, MIXED, { ...ALL, keyColumns: ['name', 'id'], columns });
    }
  });

  it.each([1, 2, 3])('is the same for many rows, for which memory has to grow: seed %i', (seed) => {
    const below = generator(seed);
    const byte = () => (below(4) === 0 ? (SPECIAL[below(SPECIAL.length)] ?? '') : String.fromCharCode(1 + below(255)));
    const text = () => Array.from({ length: below(below(10) === 0 ? 400 : 40) }, byte).join('');
    const orNull = (value: string) => (below(5) === 0 ? null : value);
    const number = () => String(below(2 ** 31) - 2 ** 30);
    const rows = Array.from({ length: 5000 }, (): Row => {
      return [number(), text(), orNull(below(2) ? 't' : 'f'), orNull(number()), orNull(number()), orNull(text())];
    });
    expectSame(rows, MIXED);
    expectSame(rows, MIXED, { ...ALL, keyColumns: ['name'], columns: ['note', 'small'] });
    expectSame(rows, MIXED, { ...ALL, keyColumns: ['id', 'name'] });
  });
});

/** Numbers that look random and are the same in each run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
