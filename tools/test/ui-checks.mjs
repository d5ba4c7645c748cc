/**
 * `npm run ui-checks`: which promises of docs/ui-checks.md the titles of the tests claim to prove. It is information;
 * only an id that nobody declared is a failure.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../stack/running.mjs';
import { coverage, declaredChecks, idsInTitles } from './check-ids.mjs';

const FOLDERS = ['apps', 'libs'];
const SPEC = /\.spec\.tsx?$/;
const NO_SOURCES = new Set(['node_modules', 'dist', 'generated']);

const checks = declaredChecks(readFileSync(join(ROOT, 'docs/ui-checks.md'), 'utf8'));
const tested = FOLDERS.flatMap(specsIn).map((file) => ({ file, ids: idsInTitles(read(file)) }));
const { covered, inPart, open, unknown } = coverage(checks, tested, (file) => file.startsWith('apps/system-web-e2e/'));

say('Not covered', open);
say('Covered, but not in the browser as declared', inPart);
console.log(`${covered.length} of ${checks.length} checks are covered: ${covered.map(({ id }) => id).join(' ')}`);
for (const { id, file } of unknown) console.error(`${file}: docs/ui-checks.md has no ${id}`);
process.exitCode = unknown.length > 0 ? 1 : 0;

function specsIn(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NO_SOURCES.has(entry.name) ? [] : specsIn(path);
    return SPEC.test(entry.name) ? [path] : [];
  });
}

function read(file) {
  return readFileSync(join(ROOT, file), 'utf8');
}

function say(title, list) {
  if (list.length === 0) return;
  console.log(`${title} (${list.length}):`);
  for (const { id, text } of list) console.log(`  ${id} ${text}`);
}
