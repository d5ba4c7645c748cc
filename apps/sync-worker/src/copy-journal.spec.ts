import { waitFor } from '@astro/testing';
import { Rig } from './testing/rig.fixture.js';

const ROWS = 100;
const CHUNK_ROWS = 10;
const DATA_SETS = `  items:
    from: operations
    chunkRows: ${CHUNK_ROWS}
    to: cache
    tables: [public.items]`;

let rig: Rig;

beforeAll(async () => {
  const schema = `CREATE TABLE public.items (id int PRIMARY KEY);
    INSERT INTO public.items SELECT generate_series(1, ${ROWS})`;
  rig = await Rig.create(schema, DATA_SETS);
  await rig.setUp();
  await rig.start();
  await rig.streaming();
});

afterAll(() => rig.destroy());

/** A sequence counts also what is taken back. */
const FAIL_THIRD = `
CREATE SEQUENCE sync.entries;
GRANT USAGE ON SEQUENCE sync.entries TO PUBLIC;
CREATE FUNCTION sync.fail_third() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('sync.entries') = 3 THEN RAISE 'no room' USING ERRCODE = 'disk_full'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fail_third BEFORE INSERT ON sync.copy_chunks FOR EACH ROW EXECUTE FUNCTION sync.fail_third()`;

it('goes on after an entry of a chunk that could not be written, and misses no other one', async () => {
  await rig.system.query(`DELETE FROM sync.copy_chunks; ${FAIL_THIRD}`);
  await rig.resync('items');
  const copied = async () => {
    const { rows } = await rig.system.query<{ rows: string }>('SELECT sum(rows) AS rows FROM sync.copy_chunks');
    return Number(rows[0]?.rows);
  };
  await waitFor(async () => (await copied()) === ROWS - CHUNK_ROWS, { what: 'the entries of all other chunks' });
  await rig.streaming();
  await rig.expectDocuments('items');
});
