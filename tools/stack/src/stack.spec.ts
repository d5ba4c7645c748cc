import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '@astro/embedded';
import { query, testServers, waitFor } from '@astro/testing';
import { readOptions, type StackOptions } from './options.js';
import { Screen } from './screen.js';
import { Stack } from './stack.js';
import type { StackState } from './state.js';

let root: string;
let shown: string;
let demo: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'astro-stack-'));
  chmodSync(root, 0o711);
  shown = '';
  demo = [];
  for (const app of ['system-api', 'sync-worker']) mkdirSync(join(root, 'dist/apps', app), { recursive: true });
  const program = join(__dirname, 'fixtures/program.mjs');
  for (const file of ['system-api/main.js', 'sync-worker/main.js', 'sync-worker/sync.js']) {
    copyFileSync(program, join(root, 'dist/apps', file));
  }
  write('package.json', '{ "type": "module" }');
  write('config/astrobookings.yaml', 'dataSets: []');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(join(root, file, '..'), { recursive: true });
  writeFileSync(join(root, file), text);
}

/** A stack on given servers unless `env` says otherwise: that is what most of the behaviour needs. */
function newStack(env: NodeJS.ProcessEnv = givenServers()): Stack {
  const options = readOptions({ args: [], env, cwd: root, root }) as StackOptions;
  const loadDemo = ({ url }: { url: string }) => Promise.resolve(void demo.push(url));
  return new Stack({ root, options, screen: new Screen((text) => (shown += text)), loadDemo });
}

function givenServers(): NodeJS.ProcessEnv {
  const { operations, system, cache, queue, caFile } = testServers();
  const urls = { OPERATIONS_DATABASE_URL: operations, SYSTEM_DATABASE_URL: system };
  return { ...urls, CACHE_REDIS_URL: cache, QUEUE_REDIS_URL: queue, TLS_CA_FILE: caFile };
}

interface Told {
  readonly name: string;
  readonly pid?: number;
  readonly env: Record<string, string>;
}

/** What the programs were told and did, in order. */
function told(): Told[] {
  const lines = readFileSync(join(root, 'told.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Told);
}

function state(): StackState {
  return JSON.parse(readFileSync(join(root, '.stack/run/state.json'), 'utf8')) as StackState;
}

describe('a stack on embedded servers', () => {
  it('starts from nothing, keeps its data, and stops everything in order', async () => {
    const first = newStack({});
    const web = await first.start();
    const { databases, children, caFile, signIns } = state();
    expect(signIns.map(({ role }) => role)).toEqual(['admin', 'operator', 'auditor', 'viewer']);
    expect(web).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(statSync(join(root, '.stack/run/state.json')).mode & 0o777).toBe(0o600);
    expect(databases.system).toContain(`sslmode=verify-full`);
    expect(existsSync(caFile)).toBe(true);
    await query(databases.system, 'CREATE TABLE kept AS SELECT 1 AS id');
    expect(demo).toEqual([expect.stringContaining('//astro_owner:')]);
    await first.stop();
    expect(children.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
    await expect(query(databases.system, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    expect(shown).not.toContain('admin@example.org');
    const names = ['migrate', 'setup', 'system-api', 'sync-worker', 'sync-worker stopped', 'system-api stopped'];
    expect(
      told()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names.sort());

    const second = newStack({});
    expect(await second.start()).toBe(web);
    expect(state().databases).toEqual(databases);
    expect(await query(databases.system, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    await second.stop();
  });

  it('gives every program the least rights it needs', async () => {
    const stack = newStack({});
    await stack.start();
    const env = (program: string) => told().find(({ name }) => name === program)?.env ?? {};
    expect(env('setup')['SYSTEM_SETUP_DATABASE_URL']).toContain('//sync_owner:');
    for (const program of ['system-api', 'sync-worker'])
      expect(Object.keys(env(program)).join()).not.toContain('SETUP');
    expect(env('system-api')['SYSTEM_DATABASE_URL']).toContain('//sync_api:');
    expect(env('migrate')['SYSTEM_API_ROLE']).toBe('sync_api');
    const worker = env('sync-worker')['OPERATIONS_DATABASE_URL'] as string;
    const rights =
      'SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = current_user';
    expect(await query(worker, rights)).toEqual([
      { rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolreplication: true, rolbypassrls: true },
    ]);
    await expect(query(worker, 'CREATE TABLE mine (id int)')).rejects.toThrow(/permission denied/);
    const foreign = state().databases.operations.replace(/\/\/.*@/, '//agency_api:wrong@');
    await expect(query(foreign, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect(await query(state().services['agency_api'] as string, 'SELECT current_user AS role')).toEqual([
      { role: 'agency_api' },
    ]);
    await stack.stop();
  });
});

describe('a stack on given servers', () => {
  it('starts none of its own and loads no demo data', async () => {
    const stack = newStack();
    await stack.start();
    expect([existsSync(join(root, '.stack/data/operations')), demo]).toEqual([false, []]);
    expect(state().databases.cache).toBe(testServers().cache);
    expect(state().signIns).toEqual([]);
    expect(shown).toContain('admin@example.org');
    expect(told().find(({ name }) => name === 'system-api')?.env['DEMO_SIGN_INS']).toBe('false');
    await stack.stop();
  });

  it('starts a program again that dies', async () => {
    const stack = newStack();
    await stack.start();
    const { pid } = state().children.find(({ name }) => name === 'sync-worker') as { pid: number };
    process.kill(pid, 'SIGKILL');
    await waitFor(() => told().filter(({ name }) => name === 'sync-worker').length === 2, { what: 'a second start' });
    expect(shown).toContain('sync-worker ended (SIGKILL); it starts again in 1 s');
    await stack.stop();
  });

  it('shows in full what a program says that cannot start', async () => {
    write('trouble.json', '{ "setup": "fails" }');
    const stack = newStack();
    const text =
      /sync -- setup" failed:\nconfig.*:3:5 {2}the table "public.x" does not exist\nconfig.*:9:1 {2}so it is$/s;
    await expect(stack.start()).rejects.toThrow(text);
    await stack.stop();
    expect(told().map(({ name }) => name)).toEqual(expect.arrayContaining(['migrate', 'setup']));
    expect(told().filter(({ name }) => name.startsWith('sync-worker'))).toEqual([]);
  });

  it('fails when a service ends before it is ready', async () => {
    write('trouble.json', '{ "sync-worker": "fails" }');
    const stack = newStack();
    await expect(stack.start()).rejects.toThrow(/sync-worker did not start \(exit code 1\):\nconfig/);
    await stack.stop();
    expect(told().at(-1)?.name).toBe('system-api stopped');
  });

  it('can be stopped while it waits, and says what for', async () => {
    write('trouble.json', '{ "sync-worker": "never ready" }');
    const stack = newStack();
    const start = stack.start();
    start.catch(() => {});
    await waitFor(() => shown.includes('Waiting: sync-worker is not ready: lane x: waits'), { what: 'the reason' });
    await stack.stop();
    await expect(start).rejects.toThrow(/abort/);
    expect(told().filter(({ name }) => name.endsWith('stopped'))).toHaveLength(2);
  });

  it('refuses a port that was asked for and is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const stack = newStack({ ...givenServers(), API_PORT: String(port) });
    await expect(stack.start()).rejects.toThrow(`Port ${port} (API_PORT) is taken by another program.`);
    await stack.stop();
    await new Promise((resolve) => other.close(resolve));
  });
});
