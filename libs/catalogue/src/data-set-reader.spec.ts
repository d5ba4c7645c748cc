import { FLAT, joined, lineLike, one, problemsOf, SELECT, system } from './catalogue-text.fixture.js';

describe('settings that do not fit together', () => {
  const scheduled = (schedule: string) => one(`${FLAT}    mode: scheduled\n    schedule: ${schedule}\n`);
  it.each([
    [
      'a schedule for realtime',
      one(`${FLAT}    schedule: { cron: '@daily' }\n`),
      '7:5',
      'a realtime data set has no schedule',
    ],
    [
      'a cron with letters',
      scheduled(`{ cron: 'a b c d e' }`),
      '8:17',
      '"a b c d e" is not a cron expression: Invalid',
    ],
    [
      'a cron of two fields',
      scheduled(`{ cron: '5 4' }`),
      '8:17',
      '"5 4" is not a cron expression: it has 2 fields ins',
    ],
    ['a cron that never comes', scheduled(`{ cron: '0 0 31 2 *' }`), '8:17', '"0 0 31 2 *" is not a cron expression: '],
    ['minute 61', scheduled(`{ cron: '61 * * * *' }`), '8:17', '"61 * * * *" is not a cron expression: Constraint err'],
    [
      'an unknown zone',
      scheduled(`{ cron: '@daily', timeZone: Europe/Madird }`),
      '8:33',
      '"Europe/Madird" is not a time zone; did you mean "Europe/Madrid"?',
    ],
    [
      'neither flat nor joined',
      one('    from: operations\n    to: cache\n'),
      '3:3',
      'it says neither what to copy nor what',
    ],
    [
      'flat and joined',
      one(`${FLAT}    root: a.b\n`),
      '6:5',
      '"tables" and "root" or "query" do not go together; keep',
    ],
    [
      'nested on flat',
      one(`${FLAT}    nested: [agency]\n`),
      '7:5',
      '"nested" belongs to a joined data set, this one is flat',
    ],
    ['reads on flat', one(`${FLAT}    reads: []\n`), '7:5', '"reads" belongs to a joined data set, this one is flat'],
    [
      'key beside tables',
      one(`${FLAT}    key: id\n`),
      '7:5',
      '"key" belongs to a joined data set, this one is flat; write',
    ],
    [
      'two tables to the cache',
      one('    from: operations\n    to: cache\n    tables: [a.b, a.c]\n'),
      '6:5',
      'several tables share one key prefix',
    ],
    [
      'into for the cache',
      one('    from: operations\n    to: cache\n    tables:\n      - { table: a.b, into: a.c }\n'),
      '7:23',
      '"into" names a table of SystemDB',
    ],
    [
      'a key outside the columns',
      system('    tables:\n      - { table: a.b, key: id, columns: [name] }\n'),
      '7:32',
      'key column "id" is not among the columns',
    ],
    [
      'a column twice',
      system('    tables:\n      - { table: a.b, columns: [id, name, id] }\n'),
      '7:43',
      '"id" is listed twice; keep it once',
    ],
    [
      'a table without schema',
      system('    tables: [rockets]\n'),
      '6:14',
      '"rockets" does not name its schema; write it with',
    ],
    ['three parts', system('    tables: [a.b.c]\n'), '6:14', '"a.b.c" is not a table name; write schema.table, with'],
    [
      'a very long name',
      system(`    tables: [a.${'x'.repeat(64)}]\n`),
      '6:14',
      `"${'x'.repeat(64)}" is longer than 63 bytes`,
    ],
    ['no query', joined(''), '3:3', '"query" is missing; write query: | and the SQL that returns the documents'],
    [
      'a query without $1',
      joined('    query: SELECT id FROM a.b\n'),
      '8:5',
      'the query does not use $1; limit it to the asked',
    ],
    [
      'a query with $2',
      joined('    query: SELECT $1, $2\n'),
      '8:5',
      'the query uses more than $1; only $1, a text array',
    ],
    [
      'a query that writes',
      joined('    query: DELETE FROM a.b WHERE id = ANY($1)\n'),
      '8:5',
      'the query is not a SELECT; start it',
    ],
    ['a semicolon', joined('    query: SELECT $1;\n'), '8:5', 'the query ends with a semicolon; remove the semicolon'],
    [
      'a read that leads nowhere',
      joined(`${SELECT}    reads: [{ table: a.b, of: id }]\n`),
      '9:13',
      'it is not clear how a change of a.b leads',
    ],
    [
      'a read with two ways',
      joined(`${SELECT}    reads: [{ table: a.b, column: c, of: id }]\n`),
      '9:13',
      'it is not clear how a change of a.b',
    ],
    [
      'a read twice',
      joined(`${SELECT}    reads: [{ table: a.b, column: c }, { table: a.b, column: c }]\n`),
      '9:40',
      'a.b is listed twice',
    ],
    [
      'a bad prefix',
      one(`${FLAT}    cache: { keyPrefix: 'a*' }\n`),
      '7:14',
      'key prefix "a*" holds a space or one of * ? [ ] \\',
    ],
    [
      'an empty prefix',
      one(`${FLAT}    cache: { keyPrefix: '' }\n`),
      '7:14',
      'key prefix "" is empty, so its keys could not',
    ],
    [
      'open braces',
      one(`${FLAT}    cache: { keyPrefix: '{a:' }\n`),
      '7:14',
      'key prefix "{a:" has braces that do not enclose',
    ],
  ])('%s', (_name, text, place, message) => {
    expect(problemsOf(text)).toContainEqual(expect.stringMatching(lineLike(place, message)));
  });

  it('refuses a joined data set for SystemDB', () => {
    const text = system(`    root: public.launches\n    key: id\n${SELECT}`);
    expect(problemsOf(text)).toEqual([
      'c.yaml:5:5  data set "rockets": a joined data set can only go to the cache; ' +
        'write to: cache, or list tables instead',
    ]);
  });
});

describe('data sets that get into each other', () => {
  const two = (first: string, second: string) => `version: 1\ndataSets:\n  one: ${first}\n  two: ${second}\n`;
  const flow = (rest: string) => `{ from: operations, ${rest} }`;

  it.each([['a:'], ['a'], ['a:b:']])('refuses the key prefix %s beside a:', (prefix) => {
    const first = flow(`to: cache, tables: [a.b], cache: { keyPrefix: 'a:' }`);
    const second = flow(`to: cache, tables: [a.c], cache: { keyPrefix: '${prefix}' }`);
    expect(problemsOf(two(first, second))).toEqual([
      `c.yaml:4:63  data set "two": its cache keys "${prefix}…" cannot be told from "a:…" of data set "one"; ` +
        'use another keyPrefix, such as "{two}:"',
    ]);
  });

  it('refuses one SystemDB table for two data sets', () => {
    const text = two(flow('to: system, tables: [a.b]'), flow('to: system, tables: [{ table: a.c, into: a.b }]'));
    expect(problemsOf(text)).toEqual([
      'c.yaml:4:63  data set "two": SystemDB table a.b is already written by data set "one"; ' +
        'write into: with another table',
    ]);
  });

  it('refuses two keys for one source table', () => {
    const text = two(
      flow('to: cache, tables: [{ table: a.b, key: id }]'),
      flow('to: system, tables: [{ table: a.b, key: email }]'),
    );
    expect(problemsOf(text)).toEqual([
      'c.yaml:4:63  data set "two": a.b has key (email) here and key (id) in data set "one"; ' +
        'name the same key columns in the same order',
    ]);
  });
});
