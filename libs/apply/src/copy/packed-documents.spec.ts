import { DocumentEncoder, encodeKey } from '@astro/sync-core';
import { SetCommand } from './set-command.js';
import { copyValues } from './copy-line.js';
import { countLines, filterLines, firstLine, lastLine, linesOf, partsOf } from './copy-bytes.js';
import { PackedDocuments } from './packed-documents.js';

const COLUMNS = [
  { name: 'id', typeOid: 23 },
  { name: 'größe "x"', typeOid: 25 },
  { name: 'open', typeOid: 16 },
  { name: 'small', typeOid: 21 },
  { name: 'price', typeOid: 1700 },
];

const every = Array.from({ length: 256 }, (_none, byte) => String.fromCharCode(byte)).join('');
/** As PostgreSQL writes a value in COPY text. */
const NAMES: Readonly<Record<string, string>> = { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v' };
const escape = (value: string | null) =>
  value === null ? '\\N' : value.replace(/[\b\f\n\r\t\v\\]/g, (character) => `\\${NAMES[character] ?? '\\'}`);

const ROWS: readonly (readonly (string | null)[])[] = [
  ['1', 'plain', 't', '7', '1.50'],
  ['2', every.slice(1), 'f', null, null],
  ['3', '', 't', '-1', 'NaN'],
  ['4', null, 't', '0', '-0'],
  ['5', 'N', 'f', '1', '\\N'],
  ['6', '\\"\\\\"\u0001', 'f', '1', '1e400'],
];

/** More than any of them has. */
const LONGEST = 2000;

function text(rows: readonly (readonly (string | null)[])[]): Buffer {
  return Buffer.from(rows.map((row) => `${row.map(escape).join('\t')}\n`).join(''), 'latin1');
}

function expected(keyColumns: readonly string[], columns: readonly string[] | null): Buffer | null {
  const chosen = COLUMNS.flatMap(({ name }, i) => (columns === null || columns.includes(name) ? [i] : []));
  const encoder = DocumentEncoder.forBytes(chosen.map((i) => COLUMNS[i] ?? { name: '', typeOid: 0 }));
  const set = new SetCommand('latin1');
  for (const line of linesOf(text(ROWS))) {
    const values = copyValues(line);
    const key = keyColumns.map((name) => values[COLUMNS.findIndex((column) => column.name === name)] ?? '');
    set.add(`{t}:${encodeKey(key)}`, encoder.encode(chosen.map((i) => values[i])));
  }
  return set.toBuffer();
}

describe('PackedDocuments', () => {
  it.each([
    ['a key of one column', ['id'], null],
    ['a key of two columns', ['id', 'open'], null],
    ['some columns', ['id'], ['id', 'price']],
  ])('gives the very bytes of the encoder: %s', (_name, keyColumns, columns) => {
    const packer = new PackedDocuments(COLUMNS, { keyPrefix: '{t}:', keyColumns, columns });
    const whole = expected(keyColumns, columns)?.toString('latin1');
    expect(packer.pack(text(ROWS), LONGEST).toString('latin1')).toBe(whole);
    expect(packer.pack(text(ROWS), 1_000_000).toString('latin1')).toBe(whole); // may be longer than room is made for
  });

  it('takes a key with escaped bytes', () => {
    const columns = [{ name: 'k', typeOid: 25 }];
    const packed = new PackedDocuments(columns, { keyPrefix: '', keyColumns: ['k'], columns: null }).pack(
      text([['a\tb\\']]),
      100,
    );
    const set = new SetCommand('latin1');
    set.add('a\tb\\', '{"k":"a\\tb\\\\"}');
    expect(packed).toEqual(set.toBuffer());
  });

  it('grows when every byte becomes six', () => {
    const columns = [{ name: 'k', typeOid: 25 }];
    const value = '\u0001'.repeat(100_000);
    const packed = new PackedDocuments(columns, { keyPrefix: '', keyColumns: ['k'], columns: null }).pack(
      text([[value]]),
      600_000,
    );
    const set = new SetCommand('latin1');
    set.add(value, `{"k":${JSON.stringify(value)}}`);
    expect(packed.equals(set.toBuffer() ?? Buffer.alloc(0))).toBe(true);
  });
});

describe('COPY bytes', () => {
  it('knows its rows', () => {
    const bytes = text([['a'], ['b'], ['']]);
    expect([countLines(bytes), firstLine(bytes), lastLine(bytes)]).toEqual([3, 'a', '']);
    expect(filterLines(bytes, (line) => line !== 'b').toString()).toBe('a\n\n');
    expect(partsOf(bytes, 2).map(String)).toEqual(['a\n', 'b\n', '\n']);
    expect(partsOf(bytes, 3).map(String)).toEqual(['a\nb\n', '\n']);
    expect(partsOf(bytes, 100).map(String)).toEqual(['a\nb\n\n']);
    expect(partsOf(Buffer.alloc(0), 100)).toEqual([]);
    expect([countLines(Buffer.alloc(0)), firstLine(Buffer.alloc(0)), lastLine(Buffer.alloc(0))]).toEqual([
      0,
      undefined,
      undefined,
    ]);
  });
});
