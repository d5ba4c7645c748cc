import { query, testServers, waitFor, withRedis } from '@astro/testing';
import { Rig } from './testing/rig.fixture.js';

/** P2, P4, P5, P8, P10, P12 on the whole worker, while something writes. */

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, version int NOT NULL, name text);
INSERT INTO public.items SELECT i, 1, 'item ' || i FROM generate_series(1, 400) i;
CREATE TABLE public.many (id int PRIMARY KEY, version int NOT NULL);
INSERT INTO public.many SELECT i, 1 FROM generate_series(1, 2500) i;`;

const DATA_SETS = `  items:
    from: operations
    to: cache
    chunkRows: 50
    tables: [public.items]
  copies:
    from: operations
    to: system
    tables:
      - table: public.items
        into: public.item_copies
  many:
    from: operations
    to: cache
    tables: [public.many]`;

const KEYS = Array.from({ length: 400 }, (_none, i) => `{items}:${i + 1}`);

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.create(SCHEMA, DATA_SETS);
  await rig.setUp();
  await rig.start();
});

beforeEach(() => rig.streaming());

afterAll(() => rig.destroy());

async function expectEqual(): Promise<void> {
  await rig.streaming();
  await rig.expectDocuments('items');
  await rig.expectRows('items', 'item_copies');
}

const ONE_ROW = 'UPDATE public.items SET version = version + 1 WHERE id = 1 + floor(random() * 400)::int';
const ALL_ROWS = 'UPDATE public.items SET version = version + 1 WHERE id BETWEEN 1 AND 400';

async function versions(): Promise<readonly number[]> {
  const documents = await rig.cache.mget(KEYS);
  return documents.map((document) => (JSON.parse(document ?? '{"version":-1}') as { version: number }).version);
}

async function sessions(): Promise<readonly number[]> {
  const rows = await rig.system.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'sync-worker%'`,
  );
  return rows.rows.map(({ pid }) => pid);
}

it('never lets a copy beside heavy writes go back to an older value (P4)', async () => {
  const went: string[] = [];
  let last: readonly number[] = await versions();
  await rig.underLoad(ONE_ROW, async () => {
    for (let copy = 0; copy < 3; copy++) {
      await rig.resync('items');
      const isCopied = async () => {
        const now = await versions();
        now.forEach((version, i) => {
          if (version < (last[i] ?? 0)) went.push(`${KEYS[i]} from ${last[i]} to ${version}`);
        });
        last = now;
        const { rows } = await rig.system.query<{ done: boolean }>(
          `SELECT state = 'streaming' AND NOT copy_requested AS done FROM sync.ledger_lanes WHERE name = 'items'`,
        );
        return rows[0]?.done === true;
      };
      await waitFor(isCopied, { what: 'the copy to end' });
    }
  });
  expect(went).toEqual([]);
  await expectEqual();
});

it('shows every transaction of many rows as a whole, in CacheDB and in SystemDB (P5)', async () => {
  await rig.operations.query('UPDATE public.items SET version = 10000');
  await rig.settled();
  const torn: string[] = [];
  const seen = new Set<number>();
  await rig.underLoad(ALL_ROWS, async () => {
    const looked = async () => {
      const cached = new Set(await versions());
      if (cached.size > 1) torn.push(`CacheDB ${[...cached].join()}`);
      cached.forEach((version) => seen.add(version));
      const stored = await rig.system.query<{ version: number }>(`SELECT DISTINCT version FROM public.item_copies`);
      if (stored.rows.length > 1) torn.push(`SystemDB ${stored.rows.map(({ version }) => version).join()}`);
      return seen.size > 10;
    };
    await waitFor(looked, { what: 'several states to be seen' });
  });
  expect(torn).toEqual([]);
  await expectEqual();
});

it('shows a transaction as a whole in CacheDB that is larger than a page, but not than maxAtomicRows (P5)', async () => {
  const keys = Array.from({ length: 2500 }, (_none, i) => `{many}:${i + 1}`);
  const torn: string[] = [];
  const seen = new Set<string>();
  await rig.underLoad('UPDATE public.many SET version = version + 1', async () => {
    const looked = async () => {
      const documents = await rig.cache.mget(keys);
      const shown = [...new Set(documents.map((text) => /"version":(\d+)/.exec(text ?? '')?.[1] ?? 'none'))];
      if (shown.length > 1) torn.push(shown.join());
      shown.forEach((version) => seen.add(version));
      return seen.size > 5;
    };
    await waitFor(looked, { what: 'several states to be seen', timeoutMs: 60_000 });
  });
  expect(torn).toEqual([]);
  await rig.streaming();
  await rig.expectDocuments('many');
});

it('acknowledges nothing that SystemDB does not hold, whatever happens to SystemDB (P2)', async () => {
  const early: string[] = [];
  const sample = async () => {
    const [slot] = (
      await rig.operations.query<{ lsn: string }>(
        'SELECT confirmed_flush_lsn AS lsn FROM pg_replication_slots WHERE slot_name = $1',
        [rig.slot],
      )
    ).rows;
    const [stored] = (
      await rig.system.query<{ lsn: string; ok: boolean }>(
        `SELECT safe_lsn AS lsn, safe_lsn >= $1 AS ok FROM sync.sources WHERE name = 'operations'`,
        [slot?.lsn],
      )
    ).rows;
    if (!stored?.ok) early.push(`${slot?.lsn} while ${stored?.lsn} was stored`);
    return slot?.lsn ?? '';
  };
  const sampleUntil = (condition: (acknowledged: ReadonlySet<string>) => boolean) => {
    const acknowledged = new Set<string>();
    const look = async () => condition(acknowledged.add(await sample()));
    return waitFor(look, { what: 'positions to be acknowledged' });
  };
  await rig.underLoad(ONE_ROW, async () => {
    await sampleUntil(({ size }) => size > 20);
    for (const pid of await sessions()) await rig.system.query('SELECT pg_terminate_backend($1)', [pid]);
    await sampleUntil(({ size }) => size > 10);
    const stopped = await sessions();
    stopped.forEach((pid) => process.kill(pid, 'SIGSTOP'));
    try {
      let looks = 0;
      await sampleUntil(() => looks++ > 50);
    } finally {
      stopped.forEach((pid) => process.kill(pid, 'SIGCONT'));
    }
    await sampleUntil(({ size }) => size > 10);
  });
  expect(early).toEqual([]);
  await expectEqual();
});

it('loses nothing when capture is restarted at any point of the load (P1, P3)', async () => {
  await rig.settled();
  const { rows: start } = await rig.system.query<{ lsn: string }>(
    'SELECT max(commit_lsn)::text AS lsn FROM sync.ledger_changes',
  );
  await rig.stop();
  await rig.underLoad(ONE_ROW, async () => {
    for (let round = 0; round < 4; round++) {
      await rig.start();
      const before = await captured();
      await waitFor(async () => (await captured()) > before + 40, { what: 'changes to be captured' });
      await rig.stop();
    }
  });
  await rig.start();
  await expectEqual();
  const doubled = await rig.system.query(
    `SELECT count(*) - count(DISTINCT (table_id, commit_lsn, seq)) AS n FROM sync.ledger_changes`,
  );
  expect(doubled.rows).toEqual([{ n: '0' }]);
  const { rows } = await rig.system.query<{ key: string; steps: string; last: string }>(
    `SELECT key, count(*) AS steps, max((after::json ->> 'version')::int) - min((after::json ->> 'version')::int) + 1 AS last
     FROM sync.ledger_changes WHERE op = 'u' AND commit_lsn > $1 GROUP BY key`,
    [start[0]?.lsn ?? '0/0'],
  );
  expect(rows.filter(({ steps, last }) => Number(steps) !== Number(last))).toEqual([]);
});

async function captured(): Promise<number> {
  const { rows } = await rig.system.query<{ n: string }>('SELECT count(*) AS n FROM sync.ledger_changes');
  return Number(rows[0]?.n);
}

it.each([
  ['the job queue', ['QUEUE_REDIS_URL']],
  ['the cache', ['CACHE_REDIS_URL']],
  ['both', ['QUEUE_REDIS_URL', 'CACHE_REDIS_URL']],
])('rebuilds by itself when %s is emptied under load (P10)', async (_name, servers) => {
  await rig.underLoad(ONE_ROW, async () => {
    for (let round = 0; round < 2; round++) {
      for (const server of servers) {
        const url = rig.env[server] ?? '';
        await withRedis(url, testServers().caFile, async (redis) => void (await redis.flushdb()));
      }
      const back = async () => (await versions()).every((version) => version > 0);
      await waitFor(back, { what: 'the documents to come back', timeoutMs: 40_000 });
      const before = await versions();
      const moves = async () => (await versions()).some((version, i) => version > (before[i] ?? 0));
      await waitFor(moves, { what: 'changes to flow on', timeoutMs: 40_000 });
    }
  });
  await expectEqual();
});

it('sets only the key aside that the target refuses, and settles it with the next good value (P8)', async () => {
  await rig.system.query(`ALTER TABLE public.item_copies ADD CONSTRAINT no_poison CHECK (name <> 'poison')`);
  await rig.operations.query(
    `UPDATE public.items SET name = CASE id WHEN 5 THEN 'poison' ELSE 'good' END WHERE id BETWEEN 1 AND 20`,
  );
  const copied = async () =>
    (await rig.system.query(`SELECT 1 FROM public.item_copies WHERE name = 'good'`)).rowCount === 19;
  await waitFor(copied, { what: 'the others to flow' });
  const status = async () => {
    const { rows } = await rig.system.query<Record<string, unknown>>(
      `SELECT entity_id, status, error_code, error_message ~ 'no_poison' AS named FROM public.job_queue
       WHERE lane = 'copies' AND error_code IS NOT NULL`,
    );
    return rows;
  };
  await waitFor(async () => (await status()).length === 1, { what: 'the error to be recorded' });
  expect(await status()).toEqual([{ entity_id: '5', status: 'failed', error_code: '23514', named: true }]);
  expect(await rig.document('{items}:5')).toContain('poison');
  await rig.operations.query(`UPDATE public.items SET name = 'cured' WHERE id = 5`);
  await expectEqual();
  expect(await status()).toEqual([{ entity_id: '5', status: 'skipped', error_code: '23514', named: true }]);
  await rig.system.query('ALTER TABLE public.item_copies DROP CONSTRAINT no_poison');
});

it('leaves no transaction open and no write of the application fails (P9)', async () => {
  await rig.resync();
  await rig.streaming();
  const database = new URL(rig.env['OPERATIONS_DATABASE_URL'] ?? '').pathname.slice(1);
  const quiet = async () => {
    const open = await query(
      testServers().operations,
      `SELECT application_name, query FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'sync-worker%'
       AND (state LIKE 'idle in transaction%' OR xact_start < now() - interval '5 seconds') AND backend_type <> 'walsender'`,
      [database],
    );
    return open.length === 0;
  };
  await waitFor(quiet, { what: 'every transaction of ours to be over' });
  await rig.operations.query(
    `BEGIN; UPDATE public.items SET id = id + 1000 WHERE id = 1; DELETE FROM public.items WHERE id = 1001;
     INSERT INTO public.items VALUES (1, 1, 'item 1'); COMMIT`,
  );
  await expectEqual();
});

it('says what does not move when nobody applies (P12)', async () => {
  await rig.stop();
  await rig.start('capture,maintenance');
  await rig.operations.query('UPDATE public.items SET version = version + 1 WHERE id = 1');
  const health = async () => {
    await rig.system
      .query(`UPDATE sync.ledger_changes SET created_at = created_at - interval '60 seconds' WHERE (commit_lsn, seq) > (
      SELECT position_lsn, position_seq FROM sync.ledger_lanes WHERE name = 'items') AND created_at > now() - interval '50 seconds'`);
    await rig.system.query(`UPDATE sync.ledger_lanes SET applied_at = now() - interval '60 seconds'`);
    const { rows } = await rig.system.query<{ healthy: boolean; detail: string }>(
      `SELECT healthy, detail FROM public.sync_health WHERE component = 'data set items'`,
    );
    return rows[0];
  };
  const isNamed = async () => {
    const row = await health();
    return row?.healthy === false && row.detail.startsWith('does not move');
  };
  await waitFor(isNamed, { what: 'the data set to be named' });
  await rig.stop();
  await rig.start();
  await rig.streaming();
  const heals = async () => {
    const { rows } = await rig.system.query<{ healthy: boolean }>('SELECT healthy FROM public.sync_health');
    return rows.every(({ healthy }) => healthy);
  };
  await waitFor(heals, { what: 'everything to be healthy again' });
});
