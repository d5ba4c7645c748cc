import { waitFor } from '@astro/testing';
import { Rig } from '../testing/rig.fixture.js';

const SCHEMA = 'CREATE TABLE public.items (id int PRIMARY KEY); CREATE TABLE public.others (id int PRIMARY KEY)';
const dataSet = (table: string) => `  ${table}:
    from: operations
    to: cache
    tables: [public.${table}]`;

let rig: Rig;
afterEach(() => rig.destroy());

async function dataSets(): Promise<readonly unknown[]> {
  const { rows } = await rig.system.query<{ component: string }>(
    `SELECT component FROM public.sync_health WHERE component LIKE 'data set %' ORDER BY 1`,
  );
  return rows.map(({ component }) => component);
}

it('says nothing more of a data set that left the catalogue, so that it cannot be missed', async () => {
  rig = await Rig.create(SCHEMA, [dataSet('items'), dataSet('others')].join('\n'));
  await rig.setUp();
  await rig.start();
  await waitFor(async () => (await dataSets()).length === 2, { what: 'word of both' });
  await rig.stop();
  rig.writeCatalogue(dataSet('items'));
  await rig.start();
  await waitFor(async () => (await dataSets()).length === 1, { what: 'word of the one that is left' });
  expect(await dataSets()).toEqual(['data set items']);
});
