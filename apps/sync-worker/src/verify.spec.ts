import type { Difference, NotChecked, VerifyCounts, VerifyHooks } from '@astro/apply';
import { loadSyncEnv, postgresConfig } from '@astro/runtime';
import { waitFor } from '@astro/testing';
import { Client } from 'pg';
import { verify } from './cli/verify.js';
import { withVerifiers } from './engine/verifiers.js';
import { RunDesk } from './runs/runs.fixture.js';
import {
  CACHE_KINDS,
  PLACES,
  TABLE_KINDS,
  plantInCache,
  plantInTable,
  type Planted,
} from './testing/planted.fixture.js';
import { Rig } from './testing/rig.fixture.js';

const SCHEMA = `${PLACES};
CREATE TABLE public.visits (id int PRIMARY KEY, place_id int NOT NULL, guests int NOT NULL);
ALTER TABLE public.visits REPLICA IDENTITY FULL;
INSERT INTO public.visits SELECT i, 1 + i % 300, i % 5 FROM generate_series(1, 1500) i`;

const DATA_SETS = `  places:
    from: operations
    to: cache
    tables: [public.places]
    chunkRows: 700
  small:
    from: operations
    to: cache
    tables:
      - table: public.places
        columns: [id, name, seats]
  packed:
    from: operations
    to: cache
    tables: [public.places]
    cache: { compressOverBytes: 100 }
  place_copies:
    from: operations
    to: system
    chunkRows: 700
    tables:
      - table: public.places
        into: public.place_copies
  visited:
    from: operations
    to: cache
    root: public.places
    key: [id]
    query: |
      SELECT p.id, p.name,
        (SELECT json_agg(v.guests ORDER BY v.id) FROM public.visits v WHERE v.place_id = p.id) AS guests
      FROM public.places p WHERE p.id = ANY ($1) AND p.id <= 300
    nested: [guests]
    reads:
      - { table: public.visits, column: place_id }`;

let rig: Rig;
let desk: RunDesk;

interface Verified {
  readonly counts: VerifyCounts;
  readonly differences: readonly Difference[];
  readonly notChecked: readonly NotChecked[];
}

async function verified(name: string, hooks: Partial<VerifyHooks> = {}): Promise<Verified> {
  const differences: Difference[] = [];
  const notChecked: NotChecked[] = [];
  const counts = await withVerifiers(loadSyncEnv(rig.env), async (verifiers) => {
    const verifier = verifiers.open(name);
    const all = verifier.verifyAll({
      signal: new AbortController().signal,
      onDifference: (difference) => void differences.push(difference),
      onNotChecked: (key) => void notChecked.push(key),
      ...hooks,
    });
    return all.finally(() => verifier.close());
  });
  return { counts, differences, notChecked };
}

/** As {@link Planted} tells them. */
function told(differences: readonly Difference[]): string[] {
  return differences
    .flatMap(({ kind, key, fields }) =>
      kind === 'different' ? fields.map(({ field }) => `different ${key} ${String(field)}`) : [`${kind} ${key}`],
    )
    .sort();
}

function sorted(planted: Planted): string[] {
  return [...planted].sort();
}

async function repair(dataSet: string): Promise<void> {
  const run = await desk.start({ mode: 'repair', dataSets: [dataSet] });
  await desk.reaches(run, 'succeeded');
}

/** Both sides, read by PostgreSQL and Redis alone. */
async function sides(): Promise<{ source: unknown; cache: unknown; table: unknown }> {
  await rig.settled();
  const rows = 'SELECT * FROM public.places ORDER BY id';
  const { rows: source } = await rig.operations.query<{ id: number; document: string }>(
    `SELECT id, json_build_object('id', id, 'name', name, 'note', note, 'amount', amount::text, 'seats', seats,
       'at', at::text, 'open', open, 'data', data::text, 'town', town)::text AS document FROM public.places ORDER BY id`,
  );
  const found = await rig.cache.mget(source.map(({ id }) => `{places}:${id}`));
  return {
    source: {
      documents: source.map(({ document }) => JSON.parse(document) as unknown),
      keys: source.length,
      rows: (await rig.operations.query(rows)).rows,
    },
    cache: {
      documents: found.map((document) => JSON.parse(document ?? 'null') as unknown),
      keys: (await rig.cache.keys('{places}:*')).length,
    },
    table: (await rig.system.query('SELECT * FROM public.place_copies ORDER BY id')).rows,
  };
}

beforeAll(async () => {
  rig = await Rig.create(SCHEMA, DATA_SETS);
  desk = new RunDesk(rig);
  await rig.setUp();
  await rig.start();
});

beforeEach(() => rig.streaming());

afterAll(() => rig.destroy());

it.each([
  ['places', 3000],
  ['small', 3000],
  ['packed', 3000],
  ['place_copies', 3000],
  ['visited', 300],
])('finds nothing where everything is equal: %s', async (name, same) => {
  const { counts, differences, notChecked } = await verified(name);
  expect({ differences, notChecked }).toEqual({ differences: [], notChecked: [] });
  expect(counts).toMatchObject({ same, missing: 0, different: 0, extra: 0, notChecked: 0 });
});

it('finds exactly the differences planted in documents, with their fields, and a repair mends them', async () => {
  const planted = await plantInCache(rig.cache, '{places}:', 1000);
  const { counts, differences, notChecked } = await verified('places');
  expect(told(differences)).toEqual(sorted(planted));
  expect(notChecked).toEqual([]);
  expect(differences).toHaveLength(1000);
  expect(counts).toMatchObject({ rows: 3000, extra: Math.floor(1000 / (CACHE_KINDS.length + 1)) });
  await repair('places');
  const { source, cache } = await sides();
  expect(source).toMatchObject(cache as object);
  expect((await verified('places')).counts).toMatchObject({ rows: 3000, same: 3000, extra: 0 });
});

it('finds exactly the differences planted in a table, with their fields, and a repair mends them', async () => {
  const planted = await plantInTable(rig.system, 1000);
  const { counts, differences, notChecked } = await verified('place_copies');
  expect(told(differences)).toEqual(sorted(planted));
  expect(notChecked).toEqual([]);
  expect(counts).toMatchObject({ rows: 3000, extra: Math.ceil(1000 / TABLE_KINDS.length) });
  await repair('place_copies');
  const { source, table } = await sides();
  expect(source).toMatchObject({ rows: table });
  expect((await verified('place_copies')).counts).toMatchObject({ rows: 3000, same: 3000, extra: 0 });
});

it('looks at compressed documents as at others, and at how they are stored', async () => {
  const text = await rig.cache.get('{places}:5');
  await rig.cache.set('{packed}:5', text ?? '');
  await rig.cache.set('{packed}:7', Buffer.from('1f8b0800', 'hex'));
  await rig.cache.copy('{packed}:9', '{packed}:11', 'REPLACE');
  await rig.cache.del('{packed}:13');
  await rig.cache.hset('{packed}:13', 'no', 'document');
  const { differences } = await verified('packed');
  const fields = ['id', 'name', 'amount', 'seats', 'at', 'open', 'town'];
  const whole = ['different 5 null', 'different 7 null', 'different 13 null'];
  expect(told(differences)).toEqual([...whole, ...fields.map((field) => `different 11 ${field}`)].sort());
  await repair('packed');
});

it('tells nothing of a value in full', async () => {
  await rig.cache.set('{places}:5', JSON.stringify({ id: 5, name: 'x'.repeat(10_000) }));
  const { differences } = await verified('places');
  expect(JSON.stringify(differences).length).toBeLessThan(3000);
  await repair('places');
});

it('leaves other columns out where only some are chosen', async () => {
  await rig.cache.set('{small}:5', '{"id":5,"name":"Place 5","seats":6}');
  expect(told((await verified('small')).differences)).toEqual(['different 5 seats']);
  await repair('small');
});

it('says on the command line what differs, but no value of it', async () => {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  expect(await verify(rig.env, { names: ['small', 'visited'], all: false, say })).toBe(true);
  await rig.cache.set('{small}:5', '{"id":5,"name":"secret","seats":5}');
  expect(await verify(rig.env, { names: ['small'], all: false, say })).toBe(false);
  expect(lines.join('\n')).toMatch(/^small: 3000 rows, 3000 the same.*public\.places 5: different in name\n/s);
  expect(lines.at(-1)).toBe('Not proved equal: small');
  expect(lines.join()).not.toContain('secret');
  await repair('small');
});

it('finds parts that together are everything', async () => {
  const planted = await plantInCache(rig.cache, '{places}:', 100);
  const found = await withVerifiers(loadSyncEnv(rig.env), async (verifiers) => {
    const verifier = verifiers.open('places');
    const differences: Difference[] = [];
    let rows = 0;
    for await (const part of verifier.parts(777)) {
      const counts = await verifier.verifyPart(JSON.parse(JSON.stringify(part)) as typeof part, {
        signal: new AbortController().signal,
        onDifference: (difference) => void differences.push(difference),
        onNotChecked: () => undefined,
      });
      rows += counts.rows;
    }
    await verifier.close();
    return { rows, told: told(differences) };
  });
  expect(found).toEqual({ rows: 3000, told: sorted(planted) });
  await repair('places');
});

describe('while both sides are written', () => {
  let writer: Client;
  let isWriting = true;
  let writes = 0;
  let writing: Promise<void>;

  /** On a machine that is busy, what is written must not run away from the lanes for ever. */
  const WRITES_BEFORE_A_REST = 100;

  /** About a thousand rows a second: some changed, some that come, go and change their key, some back and forth. */
  async function write(): Promise<void> {
    for (let i = 0; isWriting; i++) {
      const first = 2001 + ((i * 7) % 990);
      const visit = 1 + ((i * 13) % 1490);
      await writer.query(
        `UPDATE public.places SET name = name || '.', amount = amount + 1 WHERE id BETWEEN ${first} AND ${first + 7}`,
      );
      await writer.query(`UPDATE public.visits SET guests = guests + 1 WHERE id = ${visit} AND place_id < 299`);
      await writer.query(`UPDATE public.visits SET guests = guests - 1 WHERE id = ${visit} AND place_id < 299`);
      await writer.query(`INSERT INTO public.places SELECT ${200_000 + i}, name, note, amount, seats, at, open, data, town
        FROM public.places WHERE id = ${first}`);
      await writer.query(`UPDATE public.places SET id = id + 100000 WHERE id = ${200_000 + i - 20}`);
      await writer.query(`DELETE FROM public.places WHERE id = ${300_000 + i - 40}`);
      await writer.query('SELECT pg_sleep(0.005)');
      writes += 13;
      if (i % WRITES_BEFORE_A_REST === 0) await rig.settled();
    }
  }

  beforeAll(async () => {
    const { caFile } = { caFile: rig.env['TLS_CA_FILE'] };
    writer = new Client(
      postgresConfig(rig.env['OPERATIONS_DATABASE_URL'] ?? '', { applicationName: 'writer', caFile }),
    );
    await writer.connect();
    writing = write();
  });

  afterAll(async () => {
    isWriting = false;
    await writing;
    await writer.end();
  });

  it.each(['places', 'packed'])('finds what was planted and invents nothing in documents: %s', async (name) => {
    const planted = await plantInCache(rig.cache, `{${name}}:`, name === 'places' ? 200 : 0);
    for (let pass = 0; pass < 5; pass++) {
      expect(told((await verified(name)).differences)).toEqual(sorted(planted));
    }
  });

  it('finds what was planted and invents nothing in a table', async () => {
    const planted = await plantInTable(rig.system, 200);
    for (let pass = 0; pass < 5; pass++) {
      expect(told((await verified('place_copies')).differences)).toEqual(sorted(planted));
    }
  });

  it('finds what was planted and invents nothing in joined documents', async () => {
    await rig.cache.set('{visited}:299', '{"id":299,"name":"Place 299","guests":null}');
    await rig.cache.set('{visited}:7000', '{}');
    for (let pass = 0; pass < 10; pass++) {
      expect(told((await verified('visited')).differences)).toEqual(['different 299 guests', 'extra 7000']);
    }
    expect(writes).toBeGreaterThan(1000);
  });
});

it('calls a row that was set aside not checked', async () => {
  for (const dataSet of ['places', 'place_copies', 'visited']) await repair(dataSet);
  await rig.system.query(`ALTER TABLE public.place_copies ADD CONSTRAINT no_bad CHECK (name <> 'bad')`);
  await rig.operations.query(`UPDATE public.places SET name = 'bad' WHERE id = 3`);
  await rig.operations.query(`UPDATE public.places SET name = 'good' WHERE id = 4`);
  const setAside = async () => (await verified('place_copies')).notChecked.map(({ key, reason }) => [key, reason]);
  await waitFor(async () => (await setAside()).length > 0, { what: 'a row to be set aside' });
  expect(await setAside()).toEqual([['3', 'set_aside']]);
  await rig.system.query('ALTER TABLE public.place_copies DROP CONSTRAINT no_bad');
  await rig.operations.query(`UPDATE public.places SET name = 'better' WHERE id = 3`);
  await rig.settled();
});

it('calls what waits for a lane that stands still not checked, and never equal', async () => {
  await rig.stop();
  await rig.operations.query(`UPDATE public.places SET name = 'late' WHERE id BETWEEN 10 AND 12`);
  const { counts, differences, notChecked } = await verified('places');
  expect(differences).toEqual([]);
  expect(notChecked.map(({ key, reason }) => `${key} ${reason}`)).toEqual(['10 pending', '11 pending', '12 pending']);
  expect(counts).toMatchObject({ notChecked: 3, same: counts.rows - 3 });
  await rig.start();
});
