import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCatalogue } from './parse-catalogue.js';
import { formatProblem, positionOf, problemAt } from './problem.js';
import { readCatalogueFile } from './read-catalogue-file.js';
import { renderCatalogue } from './render-catalogue.js';
import { suggest } from './suggest.js';
import { formatTableName, parseTableName } from './table-name.js';

describe('a catalogue file', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'catalogue-'))));
  afterAll(() => rm(folder, { recursive: true }));
  const write = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };

  it('is read by its path, which messages repeat', async () => {
    const path = await write('wrong.yaml', 'version: 2\n');
    await expect(readCatalogueFile(path)).rejects.toThrow(`${path}:1:1  "version" is 2; it must be 1`);
  });

  it.each([
    [
      'missing',
      'missing.yaml',
      'there is no such file; set CATALOGUE_FILE to the catalogue, or make one with the init',
    ],
    ['a folder', 'folder', 'this is a folder; name the catalogue file in it'],
    ['too large', 'large.yaml', 'the file is larger than 1 MiB; is it a catalogue?'],
    ['not text', 'latin1.yaml', 'the file is not UTF-8 text; save it as UTF-8'],
    ['below a file', 'latin1.yaml/x', 'there is no such file; set CATALOGUE_FILE'],
  ])('gets a clear message when it is %s', async (_name, name, message) => {
    await mkdir(join(folder, 'folder'), { recursive: true });
    await write('large.yaml', Buffer.alloc(1_048_577, '#'));
    await write('latin1.yaml', Buffer.from('# caf\xe9', 'latin1'));
    await expect(readCatalogueFile(join(folder, name))).rejects.toThrow(`${join(folder, name)}: ${message}`);
  });

  it('is read when only its owner may read it', async () => {
    const table = { schema: 'public', name: 'rockets' };
    const draft = { url: null, dataSets: [{ name: 'rockets', table, keyColumns: [] }], skipped: [] };
    const path = await write('private.yaml', renderCatalogue(draft));
    await chmod(path, 0o600);
    expect((await readCatalogueFile(path)).dataSets.map(({ name }) => name)).toEqual(['rockets']);
  });
});

describe('a drafted catalogue', () => {
  const odd = { schema: 'Odd "Schema"', name: 'a: #\n.b' };

  it('is read back as it was drafted, whatever the names are', () => {
    const url = 'postgres://user:p%23: "x"@host/db';
    const dataSets = [
      { name: 'a', table: { schema: 'public', name: 'true' }, keyColumns: [] },
      { name: 'b', table: odd, keyColumns: ['ID', 'no', "o'clock"] },
      { name: 'c', table: { schema: 'null', name: '1e3' }, keyColumns: ['1'] },
    ];
    const catalogue = parseCatalogue(renderCatalogue({ url, dataSets, skipped: [] }), 'draft.yaml');
    expect(catalogue.source.url).toBe(url);
    const read = catalogue.dataSets.map((dataSet) => dataSet.kind === 'flat' && dataSet.tables[0]);
    expect(read).toEqual(
      dataSets.map(({ table, keyColumns }): unknown => expect.objectContaining({ source: table, keyColumns })),
    );
  });

  it('names what was left out and why, in comments that cannot be broken out of', () => {
    const table = { schema: 'public', name: 'rockets' };
    const skipped = [{ table: odd, reason: 'it has no key' }];
    const text = renderCatalogue({ url: null, dataSets: [{ name: 'a', table, keyColumns: [] }], skipped });
    expect(text).toContain('# - "Odd ""Schema"""."a: # .b": it has no key\n');
    expect(parseCatalogue(text, 'draft.yaml').dataSets).toHaveLength(1);
  });
});

it.each([
  [{ schema: 'public', name: 'bookings' }, 'public.bookings'],
  [{ schema: 'Odd.Schema', name: 'T"x' }, '"Odd.Schema"."T""x"'],
  [{ schema: 'ünï', name: ' padded ' }, 'ünï." padded "'],
])('writes and reads the table name %j', (table, text) => {
  expect(formatTableName(table)).toBe(text);
  expect(parseTableName(text)).toEqual({ table });
});

it.each([
  ['tabels', ['table', 'tables'], 'tables'],
  ['PUBLIC.Bookings', ['public.bookings', 'public.booking'], 'public.bookings'],
  ['colour', ['version', 'source'], null],
  ['x', [], null],
])('suggests for %s', (word, candidates, expected) => {
  expect(suggest(word, candidates)).toBe(expected);
});

it('points at the nearest part of the file that exists', () => {
  const text = 'version: 1\ndataSets:\n  a:\n    from: operations\n    to: cache\n    tables: [a.b]\n';
  const { file } = parseCatalogue(text, 'c.yaml');
  expect(positionOf(file!, ['dataSets', 'a', 'tables', 0, 'key'])).toEqual({ line: 6, column: 14 });
  expect(positionOf(file!, ['source'])).toEqual({ line: 1, column: 1 });
  const problem = problemAt(undefined, ['dataSets', 'a'], { what: 'it is wrong', fix: 'correct it' });
  expect(formatProblem(problem)).toBe('catalogue  data set "a": it is wrong; correct it');
});
