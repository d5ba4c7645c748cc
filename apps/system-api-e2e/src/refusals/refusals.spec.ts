import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { createAuthority } from '@astro/embedded';
import type { ProgramEnd } from '../support/program.js';
import { Site } from '../support/site.js';

/** What is wrong is said once, in words, with the fix: on the command line and by the worker, exit code 1, no stack. */

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, name text);
CREATE TABLE public.keyless (name text);
CREATE ROLE reader LOGIN REPLICATION PASSWORD 'reader';
CREATE ROLE writer LOGIN PASSWORD 'writer';`;
const ITEMS = `  items:
    from: operations
    to: cache
    tables: [public.items]`;
const KEYLESS = `${ITEMS}
  keyless:
    from: operations
    to: cache
    tables: [public.keyless]`;

let site: Site;

beforeAll(async () => {
  site = await Site.create({ operations: { wal_level: 'replica' } });
  await (await site.connect(site.operations)).query(SCHEMA);
  site.writeDataSets(ITEMS);
  expect((await site.sync(['migrate'])).code).toBe(0);
}, 120_000);

beforeEach(() => site.writeDataSets(ITEMS));

afterAll(() => site.destroy(), 60_000);

async function worker(env: NodeJS.ProcessEnv = {}): Promise<ProgramEnd> {
  return (await site.startWorker(env)).program.ended;
}

function expectRefusal({ code, stderr }: ProgramEnd, program: string, lines: readonly string[]): void {
  expect(stderr.split('\n')).toEqual([`${program} did not start: ${lines[0]}`, ...lines.slice(1)]);
  expect(code).toBe(1);
}

it('names wal_level and the statement that sets it', async () => {
  const line = `OperationsDB  wal_level is "replica", so changes cannot be streamed; ALTER SYSTEM SET wal_level = 'logical', then restart the server`;
  expectRefusal(await site.sync(['check']), 'sync', [line]);
  expectRefusal(await worker(), 'sync-worker', [line]);
  await site.operations.stop();
  await site.operations.start({ wal_level: 'logical' });
  expect((await site.sync(['setup'])).code).toBe(0);
});

it('names a table without a key', async () => {
  site.writeDataSets(KEYLESS);
  const line = `${site.catalogueFile}:11:14  data set "keyless": public.keyless has no primary key; ALTER TABLE "public"."keyless" ADD PRIMARY KEY (…)`;
  expectRefusal(await site.sync(['check']), 'sync', [line]);
  expectRefusal(await site.sync(['setup']), 'sync', [line]);
  expectRefusal(await worker(), 'sync-worker', [line]);
});

it.each([
  ['reader', []],
  ['writer', [`OperationsDB  role "writer" may not stream changes; ALTER ROLE "writer" REPLICATION`]],
])('names what role %s lacks', async (role, first) => {
  const select =
    `${site.catalogueFile}:7:14  data set "items": role "${role}" may not read public.items; GRANT USAGE ON SCHEMA "public" TO "${role}"; ` +
    `GRANT SELECT ON "public"."items" TO "${role}" (or run: npm run sync -- setup)`;
  const lines = [...first, select];
  const url = site.operations.urlFor('postgres', { name: role, password: role });
  const env = { OPERATIONS_DATABASE_URL: url };
  expectRefusal(await site.sync(['check'], env), 'sync', lines);
  expectRefusal(await worker(env), 'sync-worker', lines);
});

describe('a connection that no waiting mends', () => {
  const changed = (url: string, change: Partial<URL>) => Object.assign(new URL(url), change).href;

  it.each([
    ['OperationsDB', 'OPERATIONS_DATABASE_URL'],
    ['SystemDB', 'SYSTEM_DATABASE_URL'],
  ])('names a wrong password and a wrong database of %s', async (endpoint, variable) => {
    const url = site.env[variable] ?? '';
    expectRefusal(await worker({ [variable]: changed(url, { password: 'wrong-canary' }) }), 'sync-worker', [
      `${endpoint}  the server refuses the password of role "postgres"; correct the password in ${variable}`,
    ]);
    const { host } = new URL(url);
    expectRefusal(await worker({ [variable]: changed(url, { pathname: '/nowhere' }) }), 'sync-worker', [
      `${endpoint}  there is no database "nowhere" on ${host}; correct the database in ${variable}`,
    ]);
  });

  it.each([
    ['CacheDB', 'CACHE_REDIS_URL'],
    ['job queue', 'QUEUE_REDIS_URL'],
  ])('names a wrong password of the %s', async (endpoint, variable) => {
    const url = site.env[variable] ?? '';
    const end = await worker({ [variable]: changed(url, { password: 'wrong-canary' }) });
    expectRefusal(end, 'sync-worker', [
      `${endpoint}  the connection to ${new URL(url).host} failed: WRONGPASS invalid username-password pair or user is disabled.; ` +
        `check ${variable} and the server's log`,
    ]);
    expect(end.stdout).not.toContain('wrong-canary');
  });

  it('names a certificate of another authority', async () => {
    const dir = join(site.catalogueFile, '..', 'foreign');
    const { caFile } = await createAuthority(dir);
    const foreign = (url: string) => url.replace(encodeURIComponent(site.tls.caFile), encodeURIComponent(caFile));
    const text =
      'the certificate of 127.0.0.1 is not signed by the CA in use; set TLS_CA_FILE (or sslrootcert in the address) to the CA that signed it';
    expectRefusal(await worker({ TLS_CA_FILE: caFile }), 'sync-worker', [`CacheDB  ${text}`, `job queue  ${text}`]);
    const operations = { OPERATIONS_DATABASE_URL: foreign(site.operations.url) };
    expectRefusal(await worker(operations), 'sync-worker', [`OperationsDB  ${text}`]);
    rmSync(dir, { recursive: true });
  });

  it('names every variable that is missing', async () => {
    const { code, stderr } = await worker({ SYSTEM_DATABASE_URL: '', QUEUE_REDIS_URL: '' });
    expect(stderr).toBe(
      'sync-worker: The environment is not usable:\n  SYSTEM_DATABASE_URL: is missing\n  QUEUE_REDIS_URL: is missing',
    );
    expect(code).toBe(1);
  });
});

it.each(['cache', 'queue'] as const)('refuses a %s that drops data', async (name) => {
  const redis = site.redis(site[name]);
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  expectRefusal(await worker(), 'sync-worker', [
    `${name === 'cache' ? 'CacheDB' : 'job queue'}  maxmemory-policy is "allkeys-lru", so it may drop data that is still needed; ` +
      'CONFIG SET maxmemory-policy noeviction, and write it into its configuration',
  ]);
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
});

describe('the catalogue', () => {
  it('is missing', async () => {
    const env = { CATALOGUE_FILE: '/nowhere/catalogue.yaml' };
    const line =
      '/nowhere/catalogue.yaml: there is no such file; set CATALOGUE_FILE to the catalogue, or make one with the init command';
    expectRefusal(await site.sync(['check'], env), 'sync', [line]);
    expectRefusal(await worker(env), 'sync-worker', [line]);
  });

  it('is wrong in several places, and all of them are named', async () => {
    site.writeCatalogue(`version: 1
source: {}
dataSets:
  items:
    from: operations
    to: cach
    tables: [public.items]
  other:
    from: operations
    to: cache
    tabels: [public.items]
`);
    const lines = [
      `${site.catalogueFile}:6:5  data set "items": "to" is "cach"; did you mean "cache"?`,
      `${site.catalogueFile}:11:5  data set "other": unknown setting "tabels"; did you mean "tables"?`,
    ];
    expectRefusal(await site.sync(['check']), 'sync', lines);
    expectRefusal(await worker(), 'sync-worker', lines);
  });
});

it('says that the port is in use, and the first worker goes on', async () => {
  const first = await site.startWorker();
  await first.ready();
  expectRefusal(await worker({ WORKER_PORT: String(first.port) }), 'sync-worker', [
    `port ${first.port} is in use; stop the other program or set WORKER_PORT.`,
  ]);
  await (await site.connect(site.operations)).query(`INSERT INTO public.items VALUES (1, 'one')`);
  await site.settled();
  expect(await site.redis(site.cache).get('{items}:1')).toBe('{"id":1,"name":"one"}');
  await first.ready();
  expect((await first.program.stop()).code).toBe(0);
});
