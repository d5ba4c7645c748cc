import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const DIST = join(ROOT, 'dist');

const server = (app, entry, file) => ({
  name: `${app}-${file}`,
  entry: join(ROOT, 'apps', app, 'src', entry),
  output: join(DIST, 'apps', app, `${file}.js`),
});

/** Programs that run on Node: one file each, `node_modules` stay outside. */
export const SERVERS = [
  server('system-api', 'main.ts', 'main'),
  server('sync-worker', 'main.ts', 'main'),
  server('sync-worker', 'cli/sync.ts', 'sync'),
];

/** The web app: a folder of static files. */
export const WEB = {
  name: 'system-web',
  root: join(ROOT, 'apps', 'system-web'),
  entry: join(ROOT, 'apps', 'system-web', 'index.html'),
  output: join(DIST, 'apps', 'system-web'),
};

export function present(target) {
  return existsSync(target.entry);
}
