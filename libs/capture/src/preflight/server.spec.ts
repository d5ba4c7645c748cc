import { formatProblem, parseCatalogue, type SourceSettings } from '@astro/catalogue';
import { judgeServer, type ServerFacts } from './server-rules.js';
import { judgePublication, judgeSlot, type SlotState } from './stream-rules.js';
import { flat, openSource, preflightLines, type TestSource } from './source.fixture.js';
import { preflight } from './preflight.js';
import { readSourceHistory } from './source-history.js';
import { WANTED_OPTIONS } from './publication-state.js';

const SETTINGS: SourceSettings = { url: null, publication: 'astro_sync', slot: 'astro_sync' };
const GOOD: ServerFacts = {
  version: 150_004,
  walLevel: 'logical',
  isStandby: false,
  maxSlots: 10,
  usedSlots: 3,
  maxSenders: 10,
  usedSenders: 3,
  slotKeepMb: 10_240,
  encoding: 'UTF8',
  role: 'capture',
  mayReplicate: true,
};

it('has nothing to say about a server that is ready', () => {
  expect(judgeServer(GOOD, SETTINGS, false)).toEqual({ problems: [], warnings: [] });
});

it.each([
  ['old version', { version: 130_011 }, 'the server is PostgreSQL 13.11; use version 14 or later'],
  ['standby', { isStandby: true }, 'the server is a standby, which takes no publication; connect to the primary'],
  [
    'wal_level',
    { walLevel: 'replica' },
    `wal_level is "replica", so changes cannot be streamed; ALTER SYSTEM SET wal_level = 'logical', then restart the server`,
  ],
  [
    'no slot left',
    { usedSlots: 10 },
    'no replication slot is free (10 of 10 are taken); drop an unused slot, or ALTER SYSTEM SET max_replication_slots = 15 and restart the server',
  ],
  [
    'no sender left',
    { usedSenders: 10 },
    'no WAL sender is free (10 of 10 are taken); ALTER SYSTEM SET max_wal_senders = 15, then restart the server',
  ],
  [
    'unknown encoding',
    { encoding: 'SQL_ASCII' },
    'the database encoding is SQL_ASCII, so its texts have no known encoding; move to a database with UTF8',
  ],
])('refuses a server with %s', (_name, change, line) => {
  const { problems } = judgeServer({ ...GOOD, ...change }, SETTINGS, false);
  expect(problems.map(formatProblem)).toEqual([`OperationsDB  ${line}`]);
});

it('tells lost changes apart from a wrong set-up', () => {
  const kindsOf = (change: Partial<SlotState>) => judgeSlot({ ...SLOT, ...change }, SETTINGS).map(({ kind }) => kind);
  expect([kindsOf({ wal_status: 'lost' }), kindsOf({ temporary: true })]).toEqual([['gap'], [undefined]]);
});

it('needs no free place for a slot that exists', () => {
  expect(judgeServer({ ...GOOD, usedSlots: 10, usedSenders: 10 }, SETTINGS, true).problems).toEqual([]);
});

it('warns when the slot could fill the disk', () => {
  const { warnings } = judgeServer({ ...GOOD, slotKeepMb: -1 }, SETTINGS, false);
  expect(warnings.map(formatProblem)).toEqual([
    'OperationsDB  max_slot_wal_keep_size is -1, so slot "astro_sync" can fill the server\'s disk while capture is down; ' +
      "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB', then SELECT pg_reload_conf()",
  ]);
});

const SLOT: SlotState = {
  plugin: 'pgoutput',
  slot_type: 'logical',
  database: 'db',
  temporary: false,
  two_phase: false,
  wal_status: 'reserved',
  isOfThisDatabase: true,
};

it.each([
  ['nothing', {}, []],
  ['being physical', { slot_type: 'physical', plugin: null }, ['is a physical one; write source.slot with']],
  ['another plugin', { plugin: 'wal2json' }, ['uses the plugin wal2json, not pgoutput; write source.slot with']],
  ['another database', { isOfThisDatabase: false }, ['belongs to database "db"; write source.slot with another name']],
  ['being temporary', { temporary: true }, ['is temporary and ends with its session; write source.slot with']],
  [
    'two phases',
    { two_phase: true },
    ["decodes two-phase transactions before they commit; SELECT pg_drop_replication_slot('a"],
  ],
  [
    'lost log',
    { wal_status: 'lost' },
    ["was invalidated, so changes are lost for it; SELECT pg_drop_replication_slot('a"],
  ],
  [
    'invalidation',
    { invalidation_reason: 'idle_timeout' },
    ['was invalidated, so changes are lost for it; SELECT pg_'],
  ],
])('judges an existing slot: %s', (_name, change, lines) => {
  const judged = judgeSlot({ ...SLOT, ...change }, SETTINGS).map(formatProblem);
  const starts: readonly string[] = lines;
  expect(judged).toEqual(
    starts.map((line): unknown => expect.stringContaining(`replication slot "astro_sync" ${line}`)),
  );
});

describe('a real server', () => {
  let source: TestSource;
  const yaml = flat('public.rockets');
  beforeAll(async () => {
    source = await openSource('server');
    await source.sql(`CREATE TABLE public.rockets (id int PRIMARY KEY, name text, g int GENERATED ALWAYS AS (id) STORED);
                      CREATE TABLE public.other (id int PRIMARY KEY);
                      GRANT SELECT ON public.rockets TO ${source.workerRole}`);
  });
  afterAll(() => source.drop());
  afterEach(() => source.sql('DROP PUBLICATION IF EXISTS astro_sync'));

  it('resolves the catalogue for a role that may do no more than capture', async () => {
    const { rows } = await source.admin.query<{ oid: number }>(`SELECT 'public.rockets'::regclass::oid AS oid`);
    const result = await preflight(source.worker, parseCatalogue(yaml, 'c.yaml'));
    expect(result).toMatchObject({ problems: [], setUp: { publication: false, slot: false } });
    expect(result.catalogue.dataSets[0]).toMatchObject({ tables: [{ keyColumns: ['id'] }] });
    expect(result.tables).toMatchObject([
      {
        table: { schema: 'public', name: 'rockets' },
        keyColumns: ['id'],
        columns: [
          { name: 'id', typeOid: 23 },
          { name: 'name', typeOid: 25 },
        ],
        replicaIdentity: 'default',
        relation: { oid: rows[0]!.oid },
      },
    ]);
  });

  it('refuses a role that may not stream', async () => {
    await source.sql(`ALTER ROLE ${source.workerRole} NOREPLICATION`);
    const { problems } = await preflightLines(source.worker, yaml);
    await source.sql(`ALTER ROLE ${source.workerRole} REPLICATION`);
    const role = source.workerRole;
    expect(problems).toEqual([`OperationsDB  role "${role}" may not stream changes; ALTER ROLE "${role}" REPLICATION`]);
  });

  it.each([
    ['FOR TABLE public.rockets', [], []],
    ['FOR TABLE public.rockets WHERE (id > 5)', ['has a row filter on public.rockets, which hides rows'], []],
    ['FOR TABLE public.rockets (id)', ['has a column list on public.rockets, which hides columns'], []],
    ['FOR TABLE public.other', ['lacks table public.rockets'], ['also carries public.other, which no data set needs']],
    ['FOR TABLES IN SCHEMA public', ['lacks table public.rockets'], ['also carries schema public']],
    [`FOR TABLE public.rockets WITH (publish = 'insert')`, ['does not publish update, delete, truncate'], []],
  ])('sees what is wrong with an existing publication %s', async (definition, problems, warnings) => {
    await source.sql(`CREATE PUBLICATION astro_sync ${definition}`);
    const lines = await preflightLines(source.worker, yaml);
    const text = (what: string) => `OperationsDB  publication "astro_sync" ${what}; run: npm run sync -- setup`;
    expect(lines.problems).toEqual(problems.map(text));
    expect(lines.warnings).toEqual(expect.arrayContaining(warnings.map(text)));
  });

  it('refuses a publication of all tables, which would break the writes of tables without a key', async () => {
    await source.sql('CREATE PUBLICATION astro_sync FOR ALL TABLES');
    const { problems } = await preflightLines(source.worker, yaml, { before: 'setup' });
    expect(problems).toEqual([
      'OperationsDB  publication "astro_sync" is FOR ALL TABLES, which also publishes tables without a usable key; ' +
        'drop it, or write source.publication with another name',
    ]);
  });

  it('refuses a slot whose publication is gone, because it can never decode again (W29)', async () => {
    const slot = source.workerRole.replace('worker', 'slot');
    await source.sql(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
    const catalogue = yaml.replace('dataSets', `source: { slot: ${slot} }\ndataSets`);
    for (const before of ['start', 'setup'] as const) {
      expect((await preflightLines(source.worker, catalogue, { before })).problems).toEqual([
        `OperationsDB  publication "astro_sync" is gone, but replication slot "${slot}" needs it; ` +
          `SELECT pg_drop_replication_slot('${slot}'), then run: npm run sync -- setup and copy everything again`,
      ]);
    }
  });

  it('accepts the publication that is exactly right', () => {
    const table = { schema: 'public', name: 'rockets' };
    const state = {
      allTables: false,
      schemas: [],
      tables: [{ table, columns: null, filter: null }],
      options: WANTED_OPTIONS,
    };
    const plain = [{ table, partitions: [] }];
    expect(judgePublication(state, plain, SETTINGS)).toEqual({ problems: [], warnings: [] });
    const generated = { ...state, options: { ...WANTED_OPTIONS, generatedColumns: 'stored' as const } };
    expect(judgePublication(generated, plain, SETTINGS).problems).toHaveLength(1);
    const byPartition = { ...state, options: { ...WANTED_OPTIONS, viaRoot: false } };
    expect(judgePublication(byPartition, plain, SETTINGS).problems).toEqual([]);
    const partitioned = [{ table, partitions: [{ schema: 'public', name: 'rockets_a' }] }];
    expect(judgePublication(byPartition, partitioned, SETTINGS).problems.map(({ what }) => what)).toEqual([
      'publication "astro_sync" names the partitions of public.rockets instead of it',
    ]);
  });

  it('names the history of the source like the replication protocol does, for the worker role too', async () => {
    const { rows } = await source.admin.query<{ id: string }>(
      'SELECT system_identifier AS id FROM pg_control_system()',
    );
    expect(await readSourceHistory(source.worker)).toBe(`${rows[0]!.id}/1`);
  });
});
