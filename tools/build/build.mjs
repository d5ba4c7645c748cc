/**
 * `npm run build`: bundles the server programs with their libs into `dist/apps`, and builds the web app.
 * What has not changed since the last build is skipped; two builds at once wait for each other.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { isFresh, remember, sourceHash } from './freshness.mjs';
import { withLock } from './lock.mjs';
import { DIST, present, SERVERS, WEB } from './targets.mjs';

async function build() {
  const hash = sourceHash();
  const stale = [...SERVERS, WEB].filter(present).filter((target) => !isFresh(target, hash));
  if (stale.length === 0) {
    console.log('build: nothing has changed');
    return;
  }
  await Promise.all(stale.map((target) => buildOne(target, hash)));
}

async function buildOne(target, hash) {
  const startedAtMs = performance.now();
  if (target === WEB) await buildWeb(target);
  else await bundle(target);
  remember(target, hash);
  console.log(`build: ${target.output} in ${Math.round(performance.now() - startedAtMs)} ms`);
}

/** Vite is loaded only when it has something to do. What is built is what people get, also when a test builds it. */
async function buildWeb({ root, output }) {
  process.env.NODE_ENV = 'production';
  const { build: viteBuild } = await import('vite');
  await viteBuild({ root, build: { outDir: output, emptyOutDir: true }, logLevel: 'warn' });
}

mkdirSync(DIST, { recursive: true });
await withLock(join(DIST, '.build.lock'), build);
