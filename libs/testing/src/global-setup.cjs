const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const path = require('node:path');

const ROOT = path.resolve(__dirname, '../../..');
const VARIABLES = {
  operations: 'TEST_OPERATIONS_URL',
  system: 'TEST_SYSTEM_URL',
  cache: 'TEST_CACHE_URL',
  queue: 'TEST_QUEUE_URL',
  caFile: 'TEST_CA_FILE',
  untrustedCaFile: 'TEST_UNTRUSTED_CA_FILE',
};

/** Starts the servers of this test run once, however many projects ask, and puts their addresses into the environment. */
module.exports = async () => {
  if (globalThis.astroTestServers) return;
  const host = spawn(process.execPath, ['--import', 'tsx', path.join(__dirname, 'server-host.ts')], {
    cwd: ROOT,
    detached: true, // an own process group: after Ctrl-C the servers stop in order
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TSX_TSCONFIG_PATH: path.join(ROOT, 'tsconfig.base.json') },
  });
  globalThis.astroTestServers = host;
  const addresses = JSON.parse(await firstLine(host));
  for (const [name, variable] of Object.entries(VARIABLES)) process.env[variable] = addresses[name];
};

function firstLine(host) {
  return new Promise((resolve, reject) => {
    createInterface({ input: host.stdout }).once('line', resolve);
    host.once('exit', () => reject(new Error('The servers for the tests did not start; the reason is above.')));
  });
}
