import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readState } from '../running.mjs';
import { readOptions } from './options.js';
import { stackPaths, type StackPaths } from './paths.js';
import { askReadiness } from './readiness.js';
import { choosePort, password, rememberPort } from './store.js';
import { writeTrustedAuthorities } from './trust.js';

let root: string;
let paths: StackPaths;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'astro-damaged-'));
  paths = stackPaths(root);
  mkdirSync(paths.run, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const damage = (file: string) => writeFileSync(file, '{"cut sho');

describe('files of the stack that are damaged', () => {
  it('names the file with the passwords, and the ways out', () => {
    password(paths, 'one');
    damage(paths.secrets);
    expect(() => password(paths, 'one')).toThrow(/secrets\.json is damaged; .*Put a copy of it back.*npm run reset/);
  });

  it('forgets the ports of last time', async () => {
    damage(paths.ports);
    expect(await choosePort(paths, 'one')).toBeGreaterThan(0);
    rememberPort(paths, 'one', 40_001);
    expect(await choosePort(paths, 'one')).toBe(40_001);
  });

  it('takes its state for one that is not there', () => {
    damage(paths.state);
    expect(readState(paths.state)).toBeNull();
  });
});

describe('the authority that a person named', () => {
  const trust = (file: string) => {
    const env = { TLS_CA_FILE: file, CATALOGUE_FILE: join(root, 'c.yaml') };
    const options = readOptions({ args: [], env, cwd: root, root });
    if (options) writeTrustedAuthorities(join(root, 'trusted.pem'), join(root, 'own.pem'), options);
  };
  beforeEach(() => {
    for (const name of ['c.yaml', 'own.pem', 'empty.pem']) writeFileSync(join(root, name), '');
  });

  it.each([
    ['none.pem', /^TLS_CA_FILE=.*none\.pem cannot be read \(ENOENT\)\. Correct the file name/],
    ['empty.pem', /^TLS_CA_FILE=.*empty\.pem holds no certificate\. Name a PEM file/],
  ])('is missed in %s', (name, message) => {
    expect(() => trust(name)).toThrow(message);
  });
});

describe('askReadiness', () => {
  let server: Server;
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('tells a reason that holds for many once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const components = [
      ...names.map((name) => ({ name, healthy: false, detail: 'needs resync' })),
      { name: 'f', healthy: false, detail: 'away' },
    ];
    server = createServer((_request, response) => {
      response
        .writeHead(503, { 'content-type': 'application/json' })
        .end(JSON.stringify({ status: 'not ready', components }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const waiting = await askReadiness('it', `http://127.0.0.1:${port}/`);
    expect(waiting).toEqual({
      text: 'it is not ready: a, b, c and 2 more: needs resync; f: away',
      isForPeople: false,
    });
  });
});
