import { loadSyncEnv, postgresConfig } from '@astro/runtime';
import { SYSTEM, withClient } from '../engine/prepare.js';
import type { Say } from './sync.js';

interface Row {
  readonly component: string;
  readonly healthy: boolean;
  readonly detail: string;
}

/** One line per part and data set, as the workers last said it. */
export async function status(env: NodeJS.ProcessEnv, say: Say): Promise<void> {
  const { connections } = loadSyncEnv(env);
  const config = postgresConfig(connections.systemUrl, { ...connections.link, applicationName: 'sync status' });
  const { rows } = await withClient(config, SYSTEM, (client) =>
    client.query<Row>('SELECT component, healthy, detail FROM public.sync_health ORDER BY component'),
  );
  if (rows.length === 0) say('no worker has reported yet');
  for (const { component, healthy, detail } of rows) say(`${healthy ? 'ok     ' : 'PROBLEM'}  ${component}: ${detail}`);
}
