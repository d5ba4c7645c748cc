import type { Difference, NotChecked, VerifyCounts, VerifyHooks } from '@astro/apply';
import { loadSyncEnv } from '@astro/runtime';
import { withVerifiers } from './engine/verifiers.js';
import {
  CACHE_KINDS,
  PLACES,
  TABLE_KINDS,
  plantInCache,
  plantInTable,
  type Planted,
} from './testing/planted.fixture.js';
import { Rig } from './testing/rig.fixture.js';

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
        into: public.place_copies`;

let rig: Rig;

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

beforeEach(async () => {
  rig = await Rig.create(PLACES, DATA_SETS);
  await rig.setUp();
  await rig.start();
  await rig.streaming();
});

afterEach(() => rig.destroy());

it.each(['places', 'small', 'packed', 'place_copies'])('finds nothing where everything is equal: %s', async (name) => {
  const { counts, differences, notChecked } = await verified(name);
  expect({ differences, notChecked }).toEqual({ differences: [], notChecked: [] });
  expect(counts).toEqual({ rows: 3000, same: 3000, missing: 0, different: 0, extra: 0, notChecked: 0 });
});

it('finds exactly the differences that were planted in documents, with their fields', async () => {
  const planted = await plantInCache(rig.cache, '{places}:', 1000);
  const { counts, differences, notChecked } = await verified('places');
  expect(told(differences)).toEqual(sorted(planted));
  expect(notChecked).toEqual([]);
  expect(differences).toHaveLength(1000);
  const each = Math.floor(1000 / (CACHE_KINDS.length + 1));
  expect(counts.extra).toBe(each);
  expect(counts.rows).toBe(3000);
});

it('finds exactly the differences that were planted in a table, with their fields', async () => {
  const planted = await plantInTable(rig.system, 1000);
  const { counts, differences, notChecked } = await verified('place_copies');
  expect(told(differences)).toEqual(sorted(planted));
  expect(notChecked).toEqual([]);
  expect(counts.rows).toBe(3000);
  expect(counts.extra).toBe(Math.ceil(1000 / TABLE_KINDS.length));
});
