import { escapeIdentifier } from 'pg';
import { createDatabase, query, testServers, waitFor } from '@astro/testing';
import { setup } from './cli/setup.js';
import { Rig } from './testing/rig.fixture.js';
import type { RunningWorker } from './worker.js';

/** P6: a gap is loud. Nothing goes on silently, the reason says what happened, and a resync heals it. */

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, name text);
CREATE TABLE public.others (id int PRIMARY KEY, name text);
INSERT INTO public.items SELECT i, 'item ' || i FROM generate_series(1, 90) i;
INSERT INTO public.items VALUES (1000, 'kept');
INSERT INTO public.others SELECT i, 'other ' || i FROM generate_series(1, 5) i;`;

const DATA_SETS = `  items:
    from: operations
    to: cache
    tables: [public.items]
  copies:
    from: operations
    to: system
    tables:
      - table: public.items
        into: public.item_copies
  others:
    from: operations
    to: cache
    tables: [public.others]`;

let rig: Rig;
let next = 100;

beforeAll(async () => {
  rig = await Rig.create(SCHEMA, DATA_SETS);
  await rig.setUp();
  await rig.start();
});

beforeEach(() => rig.streaming());

afterAll(() => rig.destroy());

/** A row that the stream will not bring. */
async function change(): Promise<void> {
  await rig.operations.query(`INSERT INTO public.items VALUES ($1, 'unseen'); `.trim(), [next++]);
  await rig.operations.query('DELETE FROM public.items WHERE id = (SELECT min(id) FROM public.items)');
}

/** A changed column list brings one more copy, so it is waited for every lane to stream. */
async function expectEqual(): Promise<void> {
  await rig.streaming();
  for (const table of ['items', 'others']) await rig.expectDocuments(table);
  await rig.expectRows('items', 'item_copies');
}

async function healsWithResync(...names: readonly string[]): Promise<void> {
  await rig.resync(...names);
  await expectEqual();
  await change();
  await expectEqual();
}

async function capturePhase(): Promise<string> {
  const { rows } = await rig.system.query<{ state: string }>(
    `SELECT state FROM sync.sources WHERE name = 'operations'`,
  );
  return rows[0]?.state ?? '';
}

/** The reader comes back at once, so it takes more than one try. */
async function dropSlot(): Promise<void> {
  const drop = async () => {
    await rig.operations.query(
      'SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = $1',
      [rig.slot],
    );
    await rig.operations.query('SELECT pg_drop_replication_slot($1)', [rig.slot]);
    return true;
  };
  await waitFor(drop, { what: 'the slot to be dropped' });
}

const publication = () => escapeIdentifier(rig.slot);

describe('the slot', () => {
  it('was dropped', async () => {
    await dropSlot();
    await change();
    await rig.needsResync(/^Slot ".*" is gone from OperationsDB/);
    expect(await capturePhase()).toBe('gap');
    await healsWithResync();
  });

  it('was dropped and made again', async () => {
    await rig.stop();
    await dropSlot();
    await change();
    await rig.operations.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [rig.slot]);
    await rig.start();
    await rig.needsResync(/someone advanced the slot/);
    await healsWithResync();
  });

  it('was advanced by someone', async () => {
    await rig.stop();
    await change();
    await waitFor(
      async () => {
        await rig.operations.query('SELECT pg_replication_slot_advance($1, pg_current_wal_lsn())', [rig.slot]);
        return true;
      },
      { what: 'the slot to be free' },
    );
    await rig.start();
    await rig.needsResync(/someone advanced the slot/);
    expect(await rig.document('{items}:1000')).not.toBeNull();
    await healsWithResync();
  });
});

it('refuses to heal a gap of the whole source for one data set only', async () => {
  await dropSlot();
  await rig.needsResync(/is gone/);
  await expect(rig.resync('items')).rejects.toThrow(/only all data sets can be resynced/);
  await healsWithResync();
});

describe('the publication', () => {
  it.each([
    [
      'lost a table',
      () => `ALTER PUBLICATION ${publication()} DROP TABLE public.items`,
      /no longer carries public\.items/,
    ],
    [
      'hides rows',
      () => `ALTER PUBLICATION ${publication()} SET TABLE public.items WHERE (id > 5), public.others`,
      /row filter on public\.items/,
    ],
    [
      'hides columns',
      () => `ALTER PUBLICATION ${publication()} SET TABLE public.items (id), public.others`,
      /column list on public\.items/,
    ],
  ])('%s: its data sets stop, the others go on', async (_name, sql, reason) => {
    await rig.operations.query(sql());
    await change();
    await rig.needsResync(reason, 'items');
    await rig.needsResync(reason, 'copies');
    const id = next++;
    await rig.operations.query(`INSERT INTO public.others VALUES ($1, 'flows')`, [id]);
    const flows = async () => (await rig.document(`{others}:${id}`)) !== null;
    await waitFor(flows, { what: 'the other data set to go on' });
    await healsWithResync('items', 'copies');
  });

  it('no longer publishes deletes', async () => {
    await rig.operations.query(`ALTER PUBLICATION ${publication()} SET (publish = 'insert, update')`);
    await change();
    await rig.needsResync(/no longer publishes every kind of change/);
    await healsWithResync();
  });

  it('lost a table for a moment, which nobody saw', async () => {
    await rig.stop();
    await rig.operations.query(`ALTER PUBLICATION ${publication()} DROP TABLE public.items`);
    await change();
    await rig.operations.query(`ALTER PUBLICATION ${publication()} ADD TABLE public.items`);
    await rig.start();
    await rig.needsResync(/was changed for public\.items/, 'items');
    expect((await rig.lanes()).find(({ name }) => name === 'others')?.state).toBe('streaming');
    await healsWithResync('items', 'copies');
  });

  it('was dropped', async () => {
    await rig.operations.query(`DROP PUBLICATION ${publication()}`);
    await change();
    await rig.needsResync(/is gone from OperationsDB/);
    expect(await capturePhase()).toBe('gap');
    await healsWithResync();
  });

  it('was dropped and made again (W29)', async () => {
    await rig.stop();
    await rig.operations.query(`DROP PUBLICATION ${publication()}`);
    await change();
    await rig.operations.query(
      `CREATE PUBLICATION ${publication()} FOR TABLE public.items, public.others WITH (publish_via_partition_root = true)`,
    );
    await rig.start();
    await rig.needsResync(/was made anew/);
    await healsWithResync();
  });

  it('follows a table that was renamed: it is not what the catalogue names any more', async () => {
    await rig.operations.query('ALTER TABLE public.items RENAME TO renamed');
    await rig.needsResync(/no longer carries public\.items/, 'items');
    await rig.operations.query('ALTER TABLE public.renamed RENAME TO items');
    await healsWithResync('items', 'copies');
  });

  it('gained a table for a new data set: nothing stops', async () => {
    await rig.stop();
    await rig.operations.query('CREATE TABLE public.more (id int PRIMARY KEY)');
    rig.writeCatalogue(`${DATA_SETS}\n  more:\n    from: operations\n    to: cache\n    tables: [public.more]`);
    await rig.setUp();
    await rig.start();
    await rig.streaming();
    await rig.operations.query('INSERT INTO public.more VALUES (1)');
    await rig.settled();
    expect(await rig.document('{more}:1')).toBe('{"id":1}');
    const looked = async () =>
      (await rig.system.query('SELECT 1 FROM sync.ledger_tables WHERE published IS NULL')).rowCount === 0;
    await waitFor(looked, { what: 'the publication to be looked at' });
    expect((await rig.lanes()).map(({ state }) => state)).toEqual(['streaming', 'streaming', 'streaming', 'streaming']);
  });
});

describe('the replica identity', () => {
  const identity = (is: string) => rig.operations.query(`ALTER TABLE public.others REPLICA IDENTITY ${is}`);
  const othersNeedResync = () => rig.needsResync(/^Changes of public\.others no longer carry its key \(id\)/, 'others');

  beforeAll(() =>
    rig.operations.query(`ALTER TABLE public.others ALTER name SET NOT NULL;
      UPDATE public.others SET name = 'other ' || id;
      CREATE UNIQUE INDEX others_name ON public.others (name)`),
  );

  it('became another index: the data set stops, also after a resync that cannot help, and the others go on (W15)', async () => {
    await identity('USING INDEX others_name');
    await rig.operations.query('UPDATE public.others SET id = 77 WHERE id = 1; DELETE FROM public.others WHERE id = 2');
    await othersNeedResync();
    await rig.resync('others');
    await waitFor(async () => (await rig.lanes()).every(({ state }) => state === 'streaming'), { what: 'the copy' });
    await rig.operations.query('DELETE FROM public.others WHERE id = 3');
    await othersNeedResync();
    await change();
    await rig.settled();
    await rig.expectDocuments('items');
    expect(await capturePhase()).toBe('streaming');
    await identity('DEFAULT');
    await rig.operations.query('UPDATE public.others SET id = 78 WHERE id = 77');
    await healsWithResync('others');
    await rig.operations.query('UPDATE public.others SET id = 1 WHERE id = 78; DELETE FROM public.others WHERE id = 4');
    await rig.settled();
    await rig.expectDocuments('others');
  });

  it('was FULL for a while: nothing stops', async () => {
    await identity('FULL');
    await rig.operations.query('UPDATE public.others SET id = 79 WHERE id = 1; DELETE FROM public.others WHERE id = 5');
    await identity('DEFAULT');
    await expectEqual();
  });
});

describe('a data set that was out of the catalogue for a while', () => {
  const OTHERS = DATA_SETS.slice(DATA_SETS.indexOf('  others:'));

  it.each([
    ['its tables stayed in the publication', () => Promise.resolve()],
    ['set-up was run each time', () => rig.setUp()],
  ])('is copied again: %s', async (_name, prepare) => {
    await rig.stop();
    rig.writeCatalogue(OTHERS);
    await prepare();
    await rig.start();
    await rig.streaming();
    await change();
    await rig.settled();
    await rig.stop();
    rig.writeCatalogue(DATA_SETS);
    await prepare();
    await rig.start();
    await expectEqual();
  });
});

describe('a worker with an older catalogue', () => {
  const capture = async ({ url }: RunningWorker) => {
    const answer = await fetch(`${url}/health/ready`);
    const { components } = (await answer.json()) as {
      components: { name: string; healthy: boolean; detail: string }[];
    };
    return components.find(({ name }) => name === 'capture');
  };

  it('captures no longer once another worker brings a new data set, which loses nothing (P1)', async () => {
    await rig.stop();
    rig.writeCatalogue(DATA_SETS);
    const old = await rig.start();
    await rig.streaming();
    await rig.operations.query('CREATE TABLE public.later (id int PRIMARY KEY, name text)');
    rig.writeCatalogue(`${DATA_SETS}\n  later:\n    from: operations\n    to: cache\n    tables: [public.later]`);
    await rig.setUp();
    await rig.start('apply,maintenance');
    await change(); // even a stored change of a table that it knows would pass over the others
    const outdated = async () =>
      /^outdated: .*older catalogue, without public\.later;/.test((await capture(old))?.detail ?? '');
    await waitFor(outdated, { what: 'the older worker to stop capturing' });
    expect(await capture(old)).toMatchObject({ healthy: false });
    await rig.operations.query(`INSERT INTO public.later SELECT i, 'row ' || i FROM generate_series(1, 50) i`);
    await rig.start();
    await expectEqual();
    await rig.expectDocuments('later');
    const standsBy = async () => /^standby: .*older catalogue/.test((await capture(old))?.detail ?? '');
    await waitFor(standsBy, { what: 'the older worker to stand by' });
    await rig.operations.query('DELETE FROM public.later WHERE id > 20');
    await rig.settled();
    await rig.expectDocuments('later');
    await rig.stop();
    rig.writeCatalogue(DATA_SETS);
    await rig.setUp();
    await rig.start();
  });
});

it('asks seldom while capture is away, and lets a copy go that a resync has to begin anew', async () => {
  await rig.stop();
  await rig.start('apply,maintenance');
  await rig.resync('items');
  const reads = async () => {
    const { rows } = await rig.operations.query<{ n: string }>(
      `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sync-worker apply'`,
    );
    return Number(rows[0]?.n);
  };
  await waitFor(async () => (await reads()) === 1, { what: 'the copy to read' });
  const commits = async () => {
    const { rows } = await rig.system.query<{ n: string }>(
      'SELECT xact_commit AS n FROM pg_stat_database WHERE datname = current_database()',
    );
    return Number(rows[0]?.n);
  };
  let [before, atMs] = [await commits(), Date.now()];
  const isQuiet = async () => {
    const seconds = (Date.now() - atMs) / 1000;
    if (seconds < 2) return false;
    const perSecond = ((await commits()) - before) / seconds;
    [before, atMs] = [await commits(), Date.now()];
    return perSecond < 100;
  };
  await waitFor(isQuiet, { what: 'few statements in SystemDB', timeoutMs: 20_000 });
  await rig.system.query(
    `UPDATE sync.ledger_lanes SET state = 'needs_resync', reason = 'told to' WHERE name = 'items'`,
  );
  await waitFor(async () => (await reads()) === 0, { what: 'the copy to be let go', timeoutMs: 20_000 });
  await rig.start();
  await healsWithResync('items');
});

it('SystemDB was restored from an older dump', async () => {
  await rig.stop();
  const { rows } = await rig.system.query<{ name: string }>('SELECT current_database() AS name');
  const name = rows[0]?.name ?? '';
  const dump = `${name}_dump`;
  await rig.disconnect();
  const present = () =>
    query(
      testServers().system,
      `SELECT application_name, backend_type, state, left(query, 60) AS query FROM pg_stat_activity WHERE datname = '${name}'`,
    );
  const isAlone = async () => {
    expect(await present()).toEqual([]);
    return true;
  };
  await waitFor(isAlone, { what: 'a worker that has stopped to have no session left', timeoutMs: 20_000 });
  await query(testServers().system, `CREATE DATABASE ${dump} TEMPLATE ${name}`);
  await rig.reconnect();
  await rig.start();
  await change();
  await expectEqual();
  await rig.stop();
  await rig.disconnect();
  await query(testServers().system, `DROP DATABASE ${name} WITH (FORCE)`);
  await query(testServers().system, `ALTER DATABASE ${dump} RENAME TO ${name}`);
  await rig.reconnect();
  await rig.start();
  await rig.needsResync(/SystemDB was restored/);
  await healsWithResync();
});

it('another cluster answers at the address', async () => {
  await rig.stop();
  rig.writeCatalogue(DATA_SETS); // the other cluster has no table of an earlier test
  const other = await createDatabase(testServers().system, 'rig');
  try {
    await query(other.url, SCHEMA);
    await query(other.url, `UPDATE public.items SET name = 'of another cluster'`);
    rig.overrides = { OPERATIONS_DATABASE_URL: other.url };
    await setup(rig.env, () => undefined);
    await rig.start();
    await rig.needsResync(/is another history .* than the one captured/);
    expect(await rig.document('{items}:1000')).toBe('{"id":1000,"name":"kept"}');
    await rig.reconnect();
    await healsWithResync();
  } finally {
    await rig.stop();
    rig.overrides = {};
    await rig.reconnect();
    await other.drop();
  }
});
