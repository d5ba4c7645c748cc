import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireDiskSpace } from './disk.js';
import { childEnvironment } from './environment.js';
import { explain } from './errors.js';
import { failureText } from './failure-text.js';
import { readOptions } from './options.js';
import { restartDelayMs } from './restart-delay.js';

describe('readOptions', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'astro-options-'));
    mkdirSync(join(root, 'config'));
    writeFileSync(join(root, 'config/astrobookings.yaml'), 'dataSets: []');
    writeFileSync(join(root, 'own.yaml'), 'source: { url: "postgres://u:p@host/db" }');
    writeFileSync(join(root, 'broken.yaml'), 'source: [');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const read = (args: string[], env: NodeJS.ProcessEnv = {}) => readOptions({ args, env, cwd: root, root });

  it('starts everything with the catalogue of AstroBookings when nothing is said', () => {
    expect(read([])).toEqual({
      catalogueFile: join(root, 'config/astrobookings.yaml'),
      given: { operations: null, system: null, cache: null, queue: null },
      caFile: null,
      host: '127.0.0.1',
      apiPort: null,
      workerPort: null,
    });
  });

  it('takes the source that the catalogue names, unless the environment names one', () => {
    const args = ['--catalogue', 'own.yaml'];
    const inFile = 'postgres://u:p@host/db';
    expect(read(args)?.given.operations).toEqual({ url: inFile, setupUrl: inFile, readUrl: null });
    expect(read(args, { OPERATIONS_READ_DATABASE_URL: 'reader' })?.given.operations?.readUrl).toBe('reader');
    expect(read(args, { OPERATIONS_SETUP_DATABASE_URL: 'owner' })?.given.operations?.setupUrl).toBe('owner');
    expect(read(args, { OPERATIONS_DATABASE_URL: 'mine' })?.given.operations?.url).toBe('mine');
  });

  it('leaves the judgement of a broken catalogue to the setup', () => {
    expect(read([], { CATALOGUE_FILE: 'broken.yaml' })?.catalogueFile).toBe(join(root, 'broken.yaml'));
  });

  it.each([
    [['--catalogue', 'none.yaml'], {}, /There is no catalogue .*none\.yaml/],
    [['--catalog', 'own.yaml'], {}, /Unknown option '--catalog'.*Usage: npm start/s],
    [[], { API_PORT: '70000' }, /API_PORT=70000 is not a port/],
  ])('refuses %j %j', (args, env, message) => {
    expect(() => read(args, env)).toThrow(message);
  });

  it('gives nothing when help was asked for', () => {
    expect(read(['--help'])).toBeNull();
  });
});

describe('childEnvironment', () => {
  it('passes on what the stack does not decide and nothing that it does', () => {
    const base = { PATH: '/bin', LOG_LEVEL: 'debug', SYSTEM_SETUP_DATABASE_URL: 'secret', API_PORT: '1' };
    expect(childEnvironment(base, { API_PORT: '2' })).toEqual({
      NODE_ENV: 'production',
      PATH: '/bin',
      LOG_LEVEL: 'debug',
      API_PORT: '2',
    });
  });
});

describe('failureText', () => {
  const fatal = JSON.stringify({ level: 'fatal', msg: 'did not start', error: { message: 'no route' } });
  it.each([
    ['the plain lines', `${fatal}\nfirst problem\nsecond problem\n`, 'first problem\nsecond problem'],
    [
      'the last error of the log when there are none',
      `${fatal}\n{"level":"info","msg":"bye"}\n`,
      'did not start: no route',
    ],
    ['the last line when there is no error', '{"level":"info","msg":"bye"}\n', '{"level":"info","msg":"bye"}'],
    ['that there is nothing', '\n', 'it said nothing'],
  ])('gives %s', (_name, output, text) => {
    expect(failureText(output)).toBe(text);
  });
});

describe('requireDiskSpace', () => {
  it('refuses with the figure when less than 500 MB are free', () => {
    expect(() => requireDiskSpace('/data', 499.9)).toThrow(/^Only 499 MB are free on the disk that holds \/data/);
    expect(() => requireDiskSpace('/data', 500)).not.toThrow();
    expect(() => requireDiskSpace(tmpdir())).not.toThrow();
  });
});

describe('explain', () => {
  it('says plainly that the disk is full', () => {
    expect(explain(new Error('ENOSPC: no space left on device, write'))).toMatch(/^The disk is full\./);
    expect(explain(new Error('something else'))).toBe('something else');
  });
});

it('waits longer from death to death, up to half a minute', () => {
  expect([0, 1, 2, 5, 40].map(restartDelayMs)).toEqual([1_000, 2_000, 4_000, 30_000, 30_000]);
});
