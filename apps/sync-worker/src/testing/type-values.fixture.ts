/** A column type, as SQL writes it, with the values that are most easily changed on the way: all legal PostgreSQL texts. */
export type TypeValues = readonly [type: string, ...values: string[]];

const CONTROL_CHARACTERS = Array.from({ length: 31 }, (_none, i) => String.fromCharCode(i + 1)).join('') + '\u007f';
const ALL_BYTES = `\\x${Array.from({ length: 256 }, (_none, i) => i.toString(16).padStart(2, '0')).join('')}`;
const NAME_OF_63_BYTES = `${'é'.repeat(31)}x`;

const NUMBERS: readonly TypeValues[] = [
  ['boolean', 'true', 'false'],
  ['smallint', '-32768', '32767'],
  ['integer', '-2147483648', '2147483647'],
  ['bigint', '-9223372036854775808', '9223372036854775807', '9007199254740993'],
  ['numeric', 'NaN', 'Infinity', '-Infinity', '-0.000', `0.${'1'.repeat(16_383)}`, '9'.repeat(131_072)],
  ['numeric(6,2)', '-1234.50', 'NaN'],
  ['real', '-0', 'NaN', 'Infinity', '-Infinity', '1e-45', '3.4028235e38', '0.1'],
  ['double precision', '-0', 'NaN', 'Infinity', '-Infinity', '5e-324', '1.7976931348623157e308', '0.1'],
  ['money', '-92233720368547758.08', '1234.5'],
  ['oid', '0', '4294967295'],
];

const TEXTS: readonly TypeValues[] = [
  [
    'text',
    '',
    ' NULL ',
    'NULL',
    '\\N',
    '{"a,\\"b}',
    CONTROL_CHARACTERS,
    'Zürich 🚀 \u2028\ufeff\uffff \u{10ffff}',
    "'",
  ],
  ['varchar(5)', 'a    ', '🚀🚀🚀🚀🚀', ''],
  ['varchar', 'v', ''],
  ['char(5)', 'a', '', 'é🚀'],
  ['char', ' ', 'x'],
  ['"char"', '\\', '', '\\200', '\\377', '\u0001', '"', ' '],
  ['name', NAME_OF_63_BYTES, '', 'with "quotes"'],
  ['refcursor', 'c', ''],
  ['bytea', ALL_BYTES, '\\x', '\\x5c'],
  ['bit(3)', '101', '000'],
  ['varbit', '', '1', '0000000001'],
  ['uuid', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ['json', '"\\u0000 \\ud800"', ' { "b" : 1, "a":1.0, "a":2 } ', 'null', '1e400', '"🚀"'],
  ['jsonb', '1e400', '9007199254740993.10', 'null', '{"a": "\\\\ \\" é"}', '""'],
  ['jsonpath', '$."a b"[*] ? (@ > 1)', 'lax $'],
  ['xml', '<a b="c">&amp;</a>', 'just text', '<ü>\n</ü>'],
  ['tsvector', "'a':1A,2B 'b c':16383", '', "'it''s' '\\\\'"],
  ['tsquery', "'a' & !'b' <2> 'c':*AB", '', "'it''s'"],
];

const TIMES: readonly TypeValues[] = [
  ['date', 'infinity', '-infinity', '4713-01-01 BC', '5874897-12-31', '2024-02-29'],
  ['time', '24:00:00', '00:00:00.000001', '23:59:60'],
  ['time(3)', '12:34:56.789'],
  ['timetz', '24:00:00-15:59', '00:00:00+15:59:59', '12:34:56.123456+02'],
  ['timestamp', 'infinity', '-infinity', '4713-01-01 00:00:00 BC', '294276-12-31 23:59:59.999999'],
  ['timestamptz', 'infinity', '-infinity', '4713-01-01 00:00:00+00 BC', '294276-12-31 23:59:59.999999+00'],
  [
    'interval',
    '-178000000 years',
    '-1 years -2 mons +3 days -04:05:06.789',
    'infinity',
    '-infinity',
    '2147483647 days',
    '0',
  ],
];

const NETWORK_AND_SHAPES: readonly TypeValues[] = [
  ['inet', '10.1.2.3/8', '::ffff:1.2.3.4', '0.0.0.0/0'],
  ['cidr', '2001:db8::/32', '10.0.0.0/8', '::/0'],
  ['macaddr', 'ff:ff:ff:ff:ff:ff', '08:00:2b:01:02:03'],
  ['macaddr8', '08:00:2b:01:02:03:04:05'],
  ['point', '(1,-2.5)', '(NaN,Infinity)', '(-0,5e-324)'],
  ['line', '{1,-1,0}', '{0,1,1e-300}'],
  ['lseg', '[(0,0),(1,1)]'],
  ['box', '(3,4),(1,2)', '(-0,0),(-0,0)'],
  ['path', '[(0,0),(1,1)]', '((0,0),(1,1),(1,0))'],
  ['polygon', '((0,0),(1,1),(1,0))'],
  ['circle', '<(1,2),3>', '<(0,0),Infinity>'],
];

const RANGES: readonly TypeValues[] = [
  ['int4range', '[1,5)', 'empty', '(,)'],
  ['int8range', '[1,)', '(,9223372036854775807)'],
  ['numrange', '[1.50,Infinity]', '(NaN,NaN]', '[-Infinity,0.10)'],
  ['daterange', '[-infinity,infinity]', '[4713-01-01 BC,2024-02-29)'],
  ['tsrange', '["4713-01-01 00:00:00 BC",infinity)', 'empty'],
  ['tstzrange', '("2024-03-31 01:30:00+00","294276-12-31 23:59:59.999999+00"]'],
  ['int4multirange', '{[1,2),[5,)}', '{}'],
  ['int8multirange', '{(,)}', '{[1,2)}'],
  ['nummultirange', '{[1.10,2.20],(3,)}'],
  ['datemultirange', '{(,2024-01-01),[2024-02-29,infinity)}'],
  ['tsmultirange', '{["2024-01-01 00:00:00","2024-01-02 00:00:00")}'],
  ['tstzmultirange', '{["2024-01-01 00:00:00+00",infinity)}'],
];

const SYSTEM: readonly TypeValues[] = [
  ['aclitem', '=r/postgres', 'postgres=r*w/postgres'],
  ['cid', '4294967295'],
  ['xid', '4294967295'],
  ['xid8', '18446744073709551615'],
  ['tid', '(4294967295,65535)'],
  ['pg_lsn', 'FFFFFFFF/FFFFFFFF', '0/0'],
  ['pg_snapshot', '10:20:10,14,15'],
  ['txid_snapshot', '10:20:10,14,15'],
  ['int2vector', '1 -32768', ''],
  ['oidvector', '1 4294967295', ''],
  ['regclass', 'pg_class', '-', '999999', 'app."Pair ""x"""'],
  ['regcollation', '"C"', '-'],
  ['regconfig', 'simple'],
  ['regdictionary', 'simple'],
  ['regnamespace', 'app', '-'],
  ['regoper', '|/', '0'],
  ['regoperator', '+(integer,integer)', '0'],
  ['regproc', 'now', '-'],
  ['regprocedure', 'now()', 'app.half(integer)', '-'],
  ['regrole', '-', 'postgres'],
  ['regtype', 'integer', 'app."Pair ""x"""', '"char"', 'timestamp with time zone'],
];

const OWN: readonly TypeValues[] = [
  ['app.mood', 'so "so", \\ok', '', 'ü🚀'],
  ['app."Pair ""x"""', '(1,"a, ""b"" \\\\ (c)")', '(,)', '(,"")'],
  [
    'app.nest',
    '("(1,""a, """"b"""""")","{""(2,\\\\""x y\\\\"")"",NULL}","[""a b"",c)",infinity,"so ""so"", \\\\ok","{{1,2},{3,NULL}}")',
  ],
  ['app.positive', '1'],
  ['app.numbers', '{1,NULL,3}', '[-2:-1]={7,8}'],
  ['app.pair_domain', '(1,a)'],
  ['app.textrange', '["a ""b",c)', 'empty', '("",)'],
  ['app.textmultirange', '{["a ""b",c),[d,)}'],
  [`app."${NAME_OF_63_BYTES}"`, 'x'],
  ['information_schema.sql_identifier', 'a name'],
];

/** Every type that a column can hold a value of, user-made kinds included. */
export const TYPE_VALUES: readonly TypeValues[] = [
  ...NUMBERS,
  ...TEXTS,
  ...TIMES,
  ...NETWORK_AND_SHAPES,
  ...RANGES,
  ...SYSTEM,
  ...OWN,
];

/** Types whose own input refuses every value: only the server makes them. */
export const WITHOUT_INPUT = new Set(
  `gtsvector pg_node_tree pg_ndistinct pg_dependencies pg_mcv_list pg_brin_bloom_summary
   pg_brin_minmax_multi_summary`.split(/\s+/),
);

/** Schema and types for {@link TYPE_VALUES}, for both databases. */
export const TYPES_SQL = `
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('', 'so "so", \\ok', 'ü🚀');
CREATE TYPE app."Pair ""x""" AS (a integer, "b ""c""" text);
CREATE TYPE app.textrange AS RANGE (subtype = text, collation = "C");
CREATE TYPE app.nest AS (p app."Pair ""x""", ps app."Pair ""x"""[], r app.textrange, d date, m app.mood, n integer[]);
CREATE DOMAIN app.positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN app.numbers AS integer[];
CREATE DOMAIN app.pair_domain AS app."Pair ""x""";
CREATE DOMAIN app."${NAME_OF_63_BYTES}" AS text;
CREATE FUNCTION app.half(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n / 2';`;

/** The delimiter between the elements of an array of this type. */
function delimiterOf(type: string): string {
  return type === 'box' ? ';' : ',';
}

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** Arrays of a type: all its values with a NULL, none, several dimensions, bounds that do not begin at 1. */
function arraysOf([type, ...values]: TypeValues): TypeValues {
  const join = (elements: readonly string[]) => `{${elements.join(delimiterOf(type))}}`;
  const short = values.filter((value) => value.length < 1000).map(quoted);
  const [first = 'NULL', last = first] = [short[0], short[short.length - 1]];
  const twoByTwo = join([join([first, 'NULL']), join([last, first])]);
  return [`${type}[]`, join([...short, 'NULL']), '{}', twoByTwo, `[-1:0]=${join([last, 'NULL'])}`];
}

/** Columns in order: each type, then arrays of each that PostgreSQL has arrays of. */
export const COLUMNS: readonly TypeValues[] = [...TYPE_VALUES, ...TYPE_VALUES.map(arraysOf)];
