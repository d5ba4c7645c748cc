import { createLogger, createPool } from '@astro/runtime';
import { waitFor } from '@astro/testing';
import { loadWorkerConfig } from '../config.js';
import { prepareWhenReachable } from '../engine/prepare.js';
import { HealthRegistry } from '../health/health-registry.js';
import { Rig } from '../testing/rig.fixture.js';
import { PublicationWatch } from './publication-watch.js';

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.atRest();
});

afterAll(() => rig.destroy());

it('tells what it found of the publication also when it cannot look at the columns', async () => {
  const lines: string[] = [];
  const log = createLogger('watch', { level: 'warn', destination: { write: (line) => void lines.push(line) } });
  const prepared = await prepareWhenReachable(loadWorkerConfig(rig.env), log, new HealthRegistry(log));
  const pool = createPool(prepared.system, log);
  const tables = {
    values: () => {
      throw new Error('no columns');
    },
  };
  const watch = new PublicationWatch({ ...prepared, tables: tables as never }, pool, log);
  try {
    watch.onApplicationBootstrap();
    await rig.operations.query(`ALTER PUBLICATION "${rig.slot}" DROP TABLE public.items`);
    await rig.needsResync(/public\.items/);
    await waitFor(() => lines.some((line) => line.includes('publication.changed')), { what: 'it to be logged' });
  } finally {
    await watch.beforeApplicationShutdown();
    await pool.end();
  }
});
