import { to as copyTo } from 'pg-copy-streams';
import { DocumentEncoder, type ColumnRef } from '@astro/sync-core';
import { TargetDatabase, nextMove, rowChunk, state, write } from './postgres-target.fixture.js';

/** Every kind of type, with values that are easily changed on the way. */
const VALUES: readonly (readonly [type: string, ...values: string[]])[] = [
  ['boolean', 't', 'f'],
  ['smallint', '-32768'],
  ['integer', '-2147483648', '2147483647'],
  ['bigint', '9223372036854775807'],
  ['numeric', 'NaN', 'Infinity', '-0.00', '12345678901234567890.000100'],
  ['numeric(6,2)', '-1234.50'],
  ['real', '-0', '1.1754944e-38', 'NaN'],
  ['double precision', '-0', '0.1', '1.7976931348623157e+308', '-Infinity'],
  ['money', '$1,234.50'],
  ['text', '', ' NULL ', '\\N', '"{a,\\"b}"', 'Zürich 🚀', '\u0001\b\f\n\r\t\v'],
  ['varchar(5)', 'a    ', 'ééééé'],
  ['char(5)', 'a', ''],
  ['"char"', '\\', 'x', ''],
  ['name', 'a name'],
  ['app.mood', 'so "so", \\ok'],
  ['app.mood[]', '{sad,"so \\"so\\", \\\\ok",NULL}'],
  ['bytea', '\\x00ff5c', '\\x'],
  ['bit(3)', '101', '000'],
  ['varbit(9)', '1', ''],
  ['bit(2)[]', '{10,01}'],
  ['date', 'infinity', '4714-11-24 BC', '2024-02-29'],
  ['time', '24:00:00'],
  ['timetz', '24:00:00-15:59:59'],
  ['timestamp', '2024-02-29 12:34:56.123456', '-infinity'],
  ['timestamptz', '294276-12-31 23:59:59.999999+00', '4714-11-24 00:00:00+00 BC'],
  ['interval', '-1 years -2 mons +3 days -04:05:06.789'],
  ['json', '{"b":1,  "a":1.0, "a":"\\u0000\\ud800"}', 'null'],
  ['jsonb', '{"n": 9007199254740993.10}', 'null', '"x"'],
  ['xml', '<a b="c">&amp;</a>', 'just text'],
  ['uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['inet', '10.1.2.3/8'],
  ['cidr', '2001:db8::/32'],
  ['macaddr8', '08:00:2b:01:02:03:04:05'],
  ['int4range', '[1,5)', 'empty', '(,)'],
  ['int4multirange', '{[1,2),[5,)}'],
  ['app.textrange', '["a ""b",c)'],
  ['integer[]', '{}', '{1,NULL,3}', '[2:3]={7,8}', '{{1,2},{3,4}}'],
  ['text[]', '{NULL,"NULL","",",","{}","\\"\\\\"}'],
  ['char(3)[]', '{"a  ","b  "}'],
  ['"char"[]', '{a,"\\""}'],
  ['point', '(1,-2.5)'],
  ['box', '(3,4),(1,2)'],
  ['box[]', '{(3,4),(1,2);(7,8),(5,6)}'],
  ['path', '[(0,0),(1,1)]'],
  ['app.pair', '(1,"a, ""b""")', '(,)'],
  ['app.pair[]', '{"(1,a)","(,\\"x y\\")"}'],
  ['app.positive', '1'],
  ['app.code', 'abc'],
  ['app.numbers', '{1,2}'],
  ['app.named_pair', '(2,b)'],
  ['app."Odd ""Type"""', 'x'],
  ['tsvector', "'a':1A 'b c':2"],
  ['tsquery', "'a' & !'b'"],
  ['oid', '4294967295'],
  ['regclass', 'app.types_source', 'pg_class'],
  ['pg_lsn', '16/B374D848'],
  ['txid_snapshot', '10:20:10,14'],
];

const TYPES = `
CREATE TYPE app.mood AS ENUM ('sad', 'so "so", \\ok');
CREATE TYPE app.pair AS (a integer, b text);
CREATE TYPE app.textrange AS RANGE (subtype = text);
CREATE DOMAIN app.positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN app.code AS varchar(3) NOT NULL DEFAULT '';
CREATE DOMAIN app.numbers AS integer[];
CREATE DOMAIN app.named_pair AS app.pair;
CREATE TYPE app."Odd ""Type""" AS ENUM ('x');
CREATE TABLE app.types_source (id integer PRIMARY KEY`;

let database: TargetDatabase;
const columns = ['id', ...VALUES.map((_type, i) => `v${i}`)];

beforeAll(async () => {
  database = await TargetDatabase.create();
  const definitions = VALUES.map(([type], i) => `, v${i} ${type}`).join('');
  await database.begin(`${TYPES}${definitions}); CREATE TABLE app.types_target (LIKE app.types_source INCLUDING ALL)`);
  const height = Math.max(...VALUES.map((values) => values.length - 1));
  for (let id = 0; id <= height; id++) {
    const texts = VALUES.map((values) => values[id + 1] ?? (values[0] === 'app.code' ? 'x' : null));
    const slots = texts.map((_text, i) => `$${i + 2}`).join(', ');
    await database.client.query(`INSERT INTO app.types_source VALUES ($1, ${slots})`, [id, ...texts]);
  }
});

afterAll(() => database.drop());

beforeEach(() => database.client.query('TRUNCATE app.types_target, sync.target_positions'));
afterEach(() => database.closeTargets());

const everything = (table: string) => database.rows(`SELECT * FROM app.${table} ORDER BY id`);

async function documents(): Promise<{ key: string; document: string }[]> {
  const types = { getTypeParser: () => (value: string) => value };
  const sql = { text: 'SELECT * FROM app.types_source ORDER BY id', rowMode: 'array' as const, types };
  const { rows, fields } = await database.client.query<(string | null)[]>(sql);
  const described = fields.map(({ name, dataTypeID }): ColumnRef => ({ name, typeOid: dataTypeID }));
  const encoder = DocumentEncoder.forText(described, new Set());
  return rows.map((row) => {
    return { key: row[0] as string, document: encoder.encode(row) };
  });
}

it('writes documents so that every value is identical', async () => {
  const target = database.open([{ name: 'types_target' }]);
  const states = (await documents()).map(({ key, document }) => ({ ...state(key, null), document }));
  await write(target, states);
  expect(await everything('types_target')).toEqual(await everything('types_source'));
  await write(target, states);
  expect(await everything('types_target')).toEqual(await everything('types_source'));
});

it.each(['straight into the table', 'over rows that exist'])(
  'copies rows %s so that every value is identical',
  async (way) => {
    const target = database.open([{ name: 'types_target' }]);
    if (way !== 'straight into the table')
      await database.client.query(`INSERT INTO app.types_target SELECT * FROM app.types_source`);
    const pieces: Buffer[] = [];
    const stream = database.client.query(copyTo('COPY app.types_source TO STDOUT'));
    for await (const piece of stream) pieces.push(piece as Buffer);
    const lines = Buffer.concat(pieces).toString('utf8').trimEnd().split('\n');
    await target.writeRows(rowChunk(columns, lines), await nextMove(target));
    expect(await everything('types_target')).toEqual(await everything('types_source'));
  },
);

it.each(VALUES.filter(([type]) => !/^(json|xml|point|box|path|txid_snapshot|text|app.code)$|^box\[\]/.test(type)))(
  'uses keys of type %s exactly as the stream writes them',
  async (type, ...values) => {
    await database.client.query(
      `DROP TABLE IF EXISTS app.keyed; CREATE TABLE app.keyed (id ${type} PRIMARY KEY, v text)`,
    );
    const target = database.open([{ name: 'keyed' }]);
    for (const value of values) await database.client.query('INSERT INTO app.keyed (id) VALUES ($1)', [value]);
    const keys = (await database.rows('SELECT id FROM app.keyed')).map(([key]) => key as string);
    const listed: string[] = [];
    for await (const page of target.keys(1, 1)) listed.push(...page);
    expect(new Set(listed)).toEqual(new Set(keys));
    await write(
      target,
      keys.map((key) => state(key, { id: key, v: null }, { carry: { fromKey: key, columns: ['v'] } })),
    );
    await write(
      target,
      keys.map((key) => state(key, { id: key, v: 'x' })),
    );
    expect((await database.rows('SELECT v FROM app.keyed')).flat()).toEqual(keys.map(() => 'x'));
    await write(
      target,
      keys.map((key) => state(key, null)),
    );
    expect(await target.isEmpty()).toBe(true);
  },
);
