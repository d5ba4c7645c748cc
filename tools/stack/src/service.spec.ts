import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Component } from '@astro/contracts';
import { Service } from './service.js';

/** Answers each request with the next of the lists of components it is given, and from then on with the last one. */
const PROGRAM = `
let lists = JSON.parse(process.argv[2]);
require('node:http').createServer((_request, response) => {
  const components = lists.length > 1 ? lists.shift() : lists[0];
  const isReady = components.every(({ healthy }) => healthy);
  response.writeHead(isReady ? 200 : 503).end(JSON.stringify({ status: isReady ? 'ready' : 'not ready', components }));
}).listen(Number(process.argv[1]), '127.0.0.1')`;

const SICK_DATA: Component = { name: 'data set bookings', healthy: false, detail: 'needs resync: the slot is gone' };
const GAP: Component = { name: 'capture', healthy: false, detail: 'a gap' };
const SICK_LINK: Component = { name: 'CacheDB', healthy: false, detail: 'away' };
const WELL: Component = { name: 'CacheDB', healthy: true, detail: 'there' };

let dir: string;
let said: string[];
let service: Service;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'astro-service-'));
  said = [];
});

afterEach(async () => {
  await service.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function start(...lists: readonly (readonly Component[])[]): Promise<void> {
  const port = await freePort();
  service = new Service({
    name: 'it',
    command: ['-e', PROGRAM, String(port), JSON.stringify(lists)],
    env: process.env,
    logFile: join(dir, 'log'),
    readyUrl: `http://127.0.0.1:${port}/`,
    readyToken: '',
    stopDeadlineMs: 5_000,
    patienceMs: 300,
    say: (message) => said.push(message),
    onStart: () => undefined,
  });
  service.start();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it('is ready when everything is well, and has nothing to say', async () => {
  await start([WELL]);
  await service.untilReady(new AbortController().signal);
  expect(said).toEqual([]);
});

it('goes on with data sets that wait for a person, and says which', async () => {
  await start([SICK_DATA, GAP, WELL]);
  await service.untilReady(new AbortController().signal);
  expect(said).toEqual([
    'It runs, and needs somebody to look: it is not ready: ' +
      'data set bookings: needs resync: the slot is gone; capture: a gap',
  ]);
});

it('waits for everything else, however long data sets are not well', async () => {
  const manyTimes = Array.from({ length: 15 }, () => [SICK_DATA, SICK_LINK]);
  await start(...manyTimes, [WELL]);
  await service.untilReady(new AbortController().signal);
  expect(said).toEqual([]);
});
