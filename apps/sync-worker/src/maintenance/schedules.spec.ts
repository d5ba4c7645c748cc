import { waitFor } from '@astro/testing';
import { Rig } from '../testing/rig.fixture.js';

const SCHEMA = 'CREATE TABLE public.invoices (id integer PRIMARY KEY, total numeric NOT NULL)';
const everySecond = (cron = "'* * * * * *'") => `  finance:
    from: operations
    to: cache
    mode: scheduled
    schedule: { cron: ${cron}, timeZone: Europe/Madrid }
    tables:
      - table: public.invoices`;

let rig: Rig;
afterEach(() => rig.destroy());

const runs = async () => {
  const { rows } = await rig.system.query<{ state: string; kind: string; mode: string }>(
    `SELECT state, mode, initiator->>'kind' AS kind FROM sync.runs ORDER BY id`,
  );
  return rows;
};

it('brings a scheduled data set over by runs that its schedule starts', async () => {
  rig = await Rig.create(SCHEMA, everySecond());
  await rig.setUp();
  await rig.start();
  await waitFor(async () => (await runs()).some(({ state }) => state === 'succeeded'), { what: 'the first run' });
  await rig.operations.query('INSERT INTO public.invoices VALUES (1, 9.50)');
  const arrived = async () => (await rig.document('{finance}:1')) === '{"id":1,"total":"9.50"}';
  await waitFor(arrived, { what: 'the row to be brought over', timeoutMs: 30_000 });
  for (const run of await runs()) expect(run).toMatchObject({ kind: 'schedule', mode: 'incremental' });
});

it('SC-4 waits for its time, and catches up once with what was missed while no worker was there', async () => {
  rig = await Rig.create(SCHEMA, everySecond("'0 6 1 1 *'"));
  await rig.setUp();
  await rig.start();
  await rig.streaming();
  await rig.operations.query('INSERT INTO public.invoices VALUES (1, 9.50)');
  expect(await runs()).toEqual([]);
  await rig.stop();
  expect(await rig.document('{finance}:1')).toBeNull();
  await rig.system.query(`UPDATE sync.schedules SET next_at = now() - interval '3 years'`);
  await rig.start();
  await waitFor(async () => (await rig.document('{finance}:1')) !== null, { what: 'the row', timeoutMs: 30_000 });
  await waitFor(async () => (await runs())[0]?.state === 'succeeded', { what: 'the run to end' });
  expect(await runs()).toHaveLength(1);
});
