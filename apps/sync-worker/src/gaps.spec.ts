import { escapeIdentifier } from 'pg';
import { createDatabase, query, testServers, waitFor } from '@astro/testing';
import { setup } from './cli/setup.js';
import { Rig } from './testing/rig.fixture.js';

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

it('SystemDB was restored from an older dump', async () => {
  await rig.stop();
  const { rows } = await rig.system.query<{ name: string }>('SELECT current_database() AS name');
  const name = rows[0]?.name ?? '';
  const dump = `${name}_dump`;
  await rig.disconnect();
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
