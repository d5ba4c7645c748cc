/**
 * `npm run openapi`: writes docs/openapi.json from the routes of system-api, and the web app's client from it.
 * With `--check` nothing is written: it fails when either is not what the code says.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from '../build/bundle.mjs';
import { DIST, ROOT } from '../build/targets.mjs';

export const DOCUMENT = join(ROOT, 'docs', 'openapi.json');
export const CLIENT = join(ROOT, 'apps', 'system-web', 'src', 'generated');
const PRINTER = join(ROOT, 'apps', 'system-api', 'src', 'openapi', 'print.ts');

/** The document as the routes say it now. */
async function currentDocument() {
  mkdirSync(DIST, { recursive: true });
  // Below the checkout, so that the bundle finds its packages.
  const dir = mkdtempSync(join(DIST, '.openapi-'));
  try {
    const output = join(dir, 'print.js');
    await bundle({ entry: PRINTER, output });
    const { status, stdout, stderr } = spawnSync(process.execPath, [output], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (status !== 0) throw new Error(`The document could not be made:\n${stderr}`);
    return stdout;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Writes the client of `document` into `folder`, which is emptied before. */
export async function generateClient(document, folder) {
  const { createClient } = await import('@hey-api/openapi-ts');
  await createClient({
    input: JSON.parse(document),
    output: { path: folder, indexFile: true, importFileExtension: '.js' },
    logs: { level: 'silent', file: false },
    plugins: ['@hey-api/typescript', '@hey-api/sdk', '@hey-api/client-fetch', '@tanstack/react-query'],
  });
  ['client', 'core'].forEach((part) => exemptFromChecks(join(folder, part)));
}

/** The generator's own runtime, copied beside the client, is not written for exactOptionalPropertyTypes. */
function exemptFromChecks(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    writeFileSync(path, `// @ts-nocheck\n${readFileSync(path, 'utf8')}`);
  }
}

/** Every file of a folder with its text, by its path in it. */
export function textsOf(folder) {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

/** @returns what differs from the committed files, one sentence each */
export async function drift() {
  const document = await currentDocument();
  const found = [];
  if (!existsSync(DOCUMENT) || readFileSync(DOCUMENT, 'utf8') !== document)
    found.push('docs/openapi.json is not current');
  mkdirSync(DIST, { recursive: true });
  const dir = mkdtempSync(join(DIST, '.client-'));
  try {
    await generateClient(document, dir);
    const [wanted, committed] = [textsOf(dir), textsOf(CLIENT)];
    const names = new Set([...Object.keys(wanted), ...Object.keys(committed)]);
    for (const name of names) {
      if (wanted[name] !== committed[name]) found.push(`apps/system-web/src/generated/${name} is not current`);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return found;
}

async function write() {
  const document = await currentDocument();
  writeFileSync(DOCUMENT, document);
  await generateClient(document, CLIENT);
  console.log('openapi: wrote docs/openapi.json and apps/system-web/src/generated');
}

async function check() {
  const found = await drift();
  if (found.length === 0) return console.log('openapi: document and client are current');
  console.error(`${found.join('\n')}\nRun: npm run openapi`);
  process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await (process.argv.includes('--check') ? check() : write());
}
