import { preflight } from '@astro/capture';
import { formatProblem, problemsError, readCatalogueFile } from '@astro/catalogue';
import { loadSyncEnv } from '@astro/runtime';
import { OPERATIONS, databaseAccess, withClient } from '../engine/prepare.js';
import type { Say } from './sync.js';

/** Says everything that is wrong with the catalogue and OperationsDB; changes nothing. */
export async function check(env: NodeJS.ProcessEnv, say: Say): Promise<void> {
  const config = loadSyncEnv(env);
  const catalogue = await readCatalogueFile(config.catalogueFile);
  const { operations } = databaseAccess(config, catalogue, 'sync check');
  const { problems, warnings, setUp } = await withClient(operations, OPERATIONS, (client) =>
    preflight(client, catalogue),
  );
  for (const warning of warnings) say(`warning: ${formatProblem(warning)}`);
  if (problems.length > 0) throw problemsError(problems);
  const ready = setUp.publication && setUp.slot;
  say(ready ? 'the catalogue fits; everything is set up' : 'the catalogue fits; run: npm run sync -- setup');
}
