import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, ROOT } from './targets.mjs';

const STAMPS = join(DIST, '.build');
const INPUTS = ['apps', 'libs', 'tools/build', 'package-lock.json', 'tsconfig.base.json'];
const NO_INPUT = /\.spec\.tsx?$|^(dist|node_modules)$|^[.]/;

/** One hash over everything that can change a build: sources, settings, locked packages, the Node version. */
export function sourceHash() {
  const hash = createHash('sha256').update(process.version);
  for (const input of INPUTS) {
    for (const file of filesOf(input)) hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

export function isFresh({ name, output }, hash) {
  return existsSync(output) && existsSync(stamp(name)) && readFileSync(stamp(name), 'utf8') === hash;
}

export function remember({ name }, hash) {
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp(name), hash);
}

function stamp(name) {
  return join(STAMPS, name);
}

function filesOf(path) {
  const absolute = join(ROOT, path);
  if (!existsSync(absolute)) return [];
  if (path.includes('.') && !path.includes('/')) return [path];
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((file) => !file.split('/').some((part) => NO_INPUT.test(part)))
    .sort();
}
