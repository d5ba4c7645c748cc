import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLAT, lineLike, one, problemsOf, system } from './catalogue-text.fixture.js';
import { parseCatalogue } from './parse-catalogue.js';

it('reads the catalogue of AstroBookings', () => {
  const text = readFileSync(join(__dirname, '../../../config/astrobookings.yaml'), 'utf8');
  const { dataSets, source } = parseCatalogue(text, 'astrobookings.yaml');
  expect(source).toEqual({ url: null, publication: 'astro_sync', slot: 'astro_sync' });
  expect(dataSets.map(({ name, kind, mode }) => [name, kind, mode])).toEqual([
    ['launches', 'joined', 'realtime'],
    ['bookings', 'joined', 'realtime'],
    ['travelers', 'flat', 'realtime'],
    ['finance', 'flat', 'scheduled'],
  ]);
});

it('fills in the defaults of a flat data set', () => {
  expect(parseCatalogue(one(FLAT), 'c.yaml').dataSets).toEqual([
    {
      kind: 'flat',
      name: 'rockets',
      mode: 'realtime',
      schedule: null,
      maxAtomicRows: 10_000,
      chunkRows: 20_000,
      target: { endpoint: 'cache', keyPrefix: '{rockets}:', compressOverBytes: null },
      tables: [{ source: { schema: 'public', name: 'rockets' }, target: null, keyColumns: [], columns: null }],
    },
  ]);
});

it('takes names exactly as written and needs quotes only around a dot', () => {
  const text = system(
    `    tables:\n      - { table: '"Odd.Schema".Table "x"', into: 'public."Odd.Table"', key: Id }\n`,
  );
  expect(problemsOf(text)).toEqual([
    'c.yaml:7:11  data set "rockets": ""Odd.Schema".Table "x"" is not a table name; ' +
      'write schema.table, with "quotes" around a name with a dot',
  ]);
  const good = system(`    tables:\n      - { table: '"Odd.Schema".Käse Table', into: 'public."Odd.""T"', key: Id }\n`);
  expect(parseCatalogue(good, 'c.yaml').dataSets[0]).toMatchObject({
    tables: [
      {
        source: { schema: 'Odd.Schema', name: 'Käse Table' },
        target: { schema: 'public', name: 'Odd."T' },
        keyColumns: ['Id'],
      },
    ],
  });
});

it('reports everything that is wrong at once, in the order of the file', () => {
  const text = `version: 1
dataSets:
  rockets:
    from: operations
    to: cache
    mode: scheduled
    tables: [rockets]
  launches:
    from: operations
    to: system
    cache: { keyPrefix: 'x:' }
    tables: [public.launches, public.launches]
`;
  expect(problemsOf(text)).toEqual([
    'c.yaml:6:5  data set "rockets": mode "scheduled" needs a schedule; ' +
      "add schedule: { cron: '*/5 * * * *', timeZone: UTC }",
    'c.yaml:7:14  data set "rockets": "rockets" does not name its schema; ' +
      'write it with the schema, such as public.rockets',
    'c.yaml:11:5  data set "launches": "cache" settings need the cache as target; write to: cache, or remove them',
    'c.yaml:12:31  data set "launches": SystemDB table public.launches is already written by data set "launches"; ' +
      'write into: with another table',
    'c.yaml:12:31  data set "launches": public.launches is listed twice; keep it once',
  ]);
});

describe('text that is not a catalogue', () => {
  it.each([
    ['an empty file', '', '1:1  the file is empty; start with version: 1 and dataSets:'],
    ['only comments', '# nothing\n', '1:1  the file is empty; start with version: 1 and dataSets:'],
    ['a tab', 'version: 1\ndataSets:\n\ta: 1\n', '3:1  the line is indented with a tab; indent with spaces'],
    ['a name twice', `${one(FLAT)}  rockets:\n${FLAT}`, '7:3  "rockets" is already used above; keep one of the two'],
    [
      'an open bracket',
      'version: [1\n',
      '2:1  the indentation does not fit the lines above, or a bracket is still open; line',
    ],
    ['two documents', 'version: 1\n---\na: 1\n', '2:1  a second YAML document starts here; keep one document'],
    ['a tag', 'version: !!js/undefined 1\n', '1:10  tags such as !name are not used here; remove the tag'],
    ['an anchor', 'version: &a 1\n', '1:13  anchors and aliases (& and *) are not used here; write the value out'],
    ['a list as name', '? [a]\n: 1\n', '1:3  a name must be plain text; write name: value'],
    ['a bottomless nest', '['.repeat(300_000), '1:1  the file is nested deeper than 50 levels; keep to the settings'],
    ['a huge file', ' '.repeat(1_048_577), '1:1  the file is larger than 1 MiB; keep only the catalogue in it'],
    ['a plain text', 'hello\n', '1:1  the file is text; it must be a map of name: value lines'],
  ])('refuses %s', (_name, text, line) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(`c.yaml:${line}`)]);
  });

  it('refuses aliases before they can grow', () => {
    const bomb = Array.from({ length: 20 }, (_, i) => `a${i}: &x${i} [${`*x${i - 1}, `.repeat(9)}]`).join('\n');
    expect(problemsOf(bomb)[0]).toContain('anchors and aliases (& and *) are not used here; write the value out');
  });
});

describe('a wrong setting', () => {
  it.each([
    ['no version', 'dataSets:\n  a: {from: operations}\n', '1:1  "version" is missing; write version: 1'],
    ['a later version', `version: 2\n${one(FLAT).slice(11)}`, '1:1  "version" is 2; it must be 1'],
    ['no data sets', 'version: 1\ndataSets: {}\n', '2:1  "dataSets" is empty; name at least one data set'],
    ['a list of data sets', 'version: 1\ndataSets: []\n', '2:1  "dataSets" is a list; it must be a map of name'],
    ['a misspelled section', `datasets: {}\n${one(FLAT)}`, '1:1  unknown setting "datasets"; did you mean "dataSets"?'],
    [
      'a foreign section',
      `colour: red\n${one(FLAT)}`,
      '1:1  unknown setting "colour"; use one of: version, source, data',
    ],
    [
      'a bad url',
      `source: { url: 'mysql://u:geheim@h/d' }\n${one(FLAT)}`,
      '1:11  "url" is not a PostgreSQL address; write',
    ],
    ['a bad slot', `source: { slot: My-Slot }\n${one(FLAT)}`, '1:11  "My-Slot" cannot name a replication slot; use up'],
    [
      'an empty publication',
      `source: { publication: '' }\n${one(FLAT)}`,
      '1:11  "" cannot name a publication; use 1 to',
    ],
  ])('is reported: %s', (_name, text, line) => {
    expect(problemsOf(text)).toContainEqual(expect.stringContaining(`c.yaml:${line}`));
  });

  it.each([
    ['a name with capitals', one(FLAT, 'Rockets'), '3:3', 'the name is not allowed; use up to 63 lower-case letters'],
    ['a reserved name', one(FLAT, '__proto__'), '3:3', 'the name is not allowed; use up to 63 lower-case letters'],
    ['an unknown setting', one(`${FLAT}    tabels: 1\n`), '7:5', 'unknown setting "tabels"; did you mean "tables"?'],
    [
      'no target',
      one('    from: operations\n    tables: [a.b]\n'),
      '3:3',
      '"to" is missing; write to: cache or to: system',
    ],
    ['an unknown mode', one(`${FLAT}    mode: realtme\n`), '7:5', '"mode" is "realtme"; did you mean "realtime"?'],
    [
      'another source',
      one('    from: cache\n    to: cache\n    tables: [a.b]\n'),
      '4:5',
      '"from" is "cache"; it must be op',
    ],
    [
      'text for a list',
      one('    from: operations\n    to: cache\n    tables: a.b\n'),
      '6:5',
      '"tables" is text; it must be a',
    ],
    [
      'an empty list',
      one('    from: operations\n    to: cache\n    tables: []\n'),
      '6:5',
      '"tables" is empty; name at',
    ],
    [
      'a number in a list',
      one('    from: operations\n    to: cache\n    tables: [7]\n'),
      '6:14',
      'item 1 of "tables" is 7; it',
    ],
    ['too many rows', one(`${FLAT}    chunkRows: 100001\n`), '7:5', '"chunkRows" is 100001; it must be at most 100000'],
    ['no rows', one(`${FLAT}    maxAtomicRows: 0\n`), '7:5', '"maxAtomicRows" is 0; it must be at least 1'],
    ['half a row', one(`${FLAT}    chunkRows: 1.5\n`), '7:5', '"chunkRows" is 1.5; it must be a whole number'],
    ['an empty schedule', one(`${FLAT}    schedule:\n`), '7:5', '"schedule" is empty; it must be a map of name: value'],
  ])('is reported with its data set: %s', (_name, text, place, message) => {
    expect(problemsOf(text)).toContainEqual(expect.stringMatching(lineLike(place, message)));
  });
});

it('never repeats a url, which may hold a password', () => {
  const text = `source: { url: 'mysql://user:geheim@host/db' }\n${one(FLAT)}`;
  expect(problemsOf(text).join()).not.toContain('geheim');
});
