/**
 * Keeps package-lock.json usable everywhere. npm leaves out optional packages, such as binaries of other platforms, that
 * it cannot fetch where the file is written; `npm ci` then refuses the file. Plain JavaScript, because it runs before
 * the packages are there.
 *
 *   node tools/ci/lock-file.mjs            says what is wrong
 *   node tools/ci/lock-file.mjs --write    adds what is missing
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const OS = /(?:^|[-/])(android|darwin|freebsd|linux|openharmony|win32|windows)(?=-|$)/;
const CPU = /-(arm64|arm|ia32|loong64|ppc64|riscv64|s390x|x64)(?=-|$)/;
const LIBC = { gnu: 'glibc', musl: 'musl' };

/** The optional packages that the lock file names and does not describe, as entries to add. Pure. */
export function missingEntries(lock) {
  const missing = {};
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (isDescribed(lock, path, name)) continue;
      missing[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev && { dev }), optional: true };
    }
  }
  return missing;
}

/** Lines that tie the lock file to one download address. Pure. */
export function downloadAddresses(text) {
  return text.split('\n').filter((line) => line.includes('"resolved": "http'));
}

/** As Node looks packages up: beside the package that asks, then in each folder above. */
function isDescribed({ packages }, path, name) {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${at}/node_modules/${name}`]) return true;
  }
  return packages[`node_modules/${name}`] !== undefined;
}

/** Binary packages carry their platform in their name; npm needs it so that it does not install all of them. */
function platformOf(name) {
  const os = OS.exec(name)?.[1]?.replace('windows', 'win32');
  const cpu = CPU.exec(name)?.[1];
  const libc = os === 'linux' ? LIBC[/-(gnu|musl)/.exec(name)?.[1]] : undefined;
  return { ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }), ...(os && { os: [os] }) };
}

function main(write) {
  const text = readFileSync(FILE, 'utf8');
  const lock = JSON.parse(text);
  const missing = missingEntries(lock);
  const names = Object.keys(missing).map((path) => path.replace('node_modules/', ''));
  if (write) {
    const packages = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'));
    writeFileSync(FILE, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
    console.log(`package-lock.json: added ${names.length} optional packages.`);
    return;
  }
  const addresses = downloadAddresses(text);
  if (addresses.length > 0) {
    console.error(
      `package-lock.json names download addresses, such as${addresses[0]}\n` +
        'Keep omit-lockfile-registry-resolved=true in .npmrc and write it again: npm install --package-lock-only',
    );
  }
  if (names.length > 0) {
    console.error(`package-lock.json lacks ${names.join(', ')}. Run: node tools/ci/lock-file.mjs --write`);
  }
  process.exitCode = addresses.length + names.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.includes('--write'));
