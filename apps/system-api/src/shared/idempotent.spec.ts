import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import {
  BadRequestException,
  Body,
  Controller,
  HttpCode,
  Injectable,
  Module,
  Post,
  Req,
  type INestApplication,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createLogger } from '@astro/runtime';
import { waitFor, watchLeaks } from '@astro/testing';
import { startTestApi, type TestApi } from '../testing/api.fixture.js';
import { Connections } from './connections.js';
import { IdempotencyStore } from './idempotency-store.js';
import { Idempotent, type ReadsAgain } from './idempotent.js';
import { ProblemFilter } from './problem.filter.js';
import { type KeyedByCaller } from './request-origin.js';
import { SharedModule } from './shared.module.js';
import { inTransaction } from './transaction.js';

const noLeaks = watchLeaks();
const log = createLogger('test', { level: 'silent' });
let site: TestApi;
let app: INestApplication;
let url: string;
let done = 0;
let release: () => void = () => {};
/** What the work waits for. */
let gate: Promise<void> = Promise.resolve();

interface Wanted {
  readonly fail?: boolean;
  /** Its work is done, but the answer is lost. */
  readonly failAfterwards?: boolean;
}

@Injectable()
class Works implements ReadsAgain {
  read(id: string): Promise<{ run: number }> {
    return Promise.resolve({ run: Number(id) });
  }
}

@Controller('work')
class WorkController {
  constructor(
    private readonly connections: Connections,
    private readonly keys: IdempotencyStore,
  ) {}

  @Post()
  @HttpCode(202)
  @Idempotent(Works)
  async work(@Body() body: Wanted, @Req() { idempotencyKey }: KeyedByCaller): Promise<{ run: number }> {
    await gate;
    if (body.failAfterwards && idempotencyKey) {
      const run = String(++done);
      await inTransaction(this.connections.systemDb, (client) => this.keys.bind(client, idempotencyKey, run));
      throw new Error('the answer cannot be made');
    }
    if (body.fail) throw new BadRequestException('no');
    return { run: ++done };
  }
}

beforeAll(async () => {
  site = await startTestApi();
  @Module({ imports: [SharedModule.forEnv(site.env, log)], controllers: [WorkController], providers: [Works] })
  class WorkModule {}
  app = await NestFactory.create(WorkModule, { logger: false });
  app.useGlobalFilters(new ProblemFilter(log));
  app.use((request: { user?: unknown; headers: Record<string, string> }, _response: unknown, next: () => void) => {
    request.user = { kind: 'user', id: request.headers['x-user'] ?? '1' };
    next();
  });
  await app.listen(0, '127.0.0.1');
  url = `http://127.0.0.1:${((app.getHttpServer() as Server).address() as AddressInfo).port}/work`;
});
afterAll(async () => {
  await app.close();
  await site.close();
  await noLeaks();
});

async function post(key: string | null, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== null && { 'idempotency-key': key }), ...headers },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { run?: number; code?: string };
  return [response.status, answer.run ?? answer.code, response.headers.get('idempotency-replayed')];
}

it('answers the same key and body with the first answer, and works once', async () => {
  const before = done;
  expect(await post('a', { x: 1, y: [2] })).toEqual([202, before + 1, null]);
  expect(await post('a', { y: [2], x: 1 })).toEqual([202, before + 1, 'true']);
  expect(done).toBe(before + 1);
});

it('refuses the same key with another body', async () => {
  await post('b', { x: 1 });
  expect(await post('b', { x: 2 })).toEqual([422, 'IDEMPOTENCY_KEY_REUSED', null]);
});

it('lets the keys of two callers never meet', async () => {
  const [, first] = await post('c', {}, { 'x-user': '1' });
  expect((await post('c', {}, { 'x-user': '2' }))[1]).not.toBe(first);
});

it('says that the first is still at work, and works once when twenty come at the same time', async () => {
  const before = done;
  gate = new Promise((resolve) => (release = resolve));
  const all = Array.from({ length: 20 }, () => post('d', {}));
  // All but the one that works are answered at once; they are counted before it may end.
  let refused = 0;
  for (const one of all) void one.then(([status]) => (refused += status === 409 ? 1 : 0));
  await waitFor(() => refused === 19, { what: '19 refusals' });
  release();
  const answers = await Promise.all(all);
  expect(answers.filter(([status]) => status === 202)).toHaveLength(1);
  expect(answers.filter(([, code]) => code === 'STILL_RUNNING')).toHaveLength(19);
  expect(done).toBe(before + 1);
  expect(await post('d', {})).toEqual([202, done, 'true']);
});

it('lets a request that failed be tried again with its key', async () => {
  expect(await post('e', { fail: true })).toEqual([400, 'BAD_REQUEST', null]);
  expect((await post('e', { fail: false }))[0]).toBe(202);
});

it('gives up on a request that died with its server', async () => {
  await site.sql(
    `INSERT INTO access.idempotency_keys (caller, key, operation, body_hash, created_at)
     VALUES ('user:1', 'f', 'POST /work', '', now() - interval '11 minutes')`,
  );
  expect((await post('f', {}))[0]).toBe(202);
});

it('does not do again what was done although its request failed afterwards, also after a long time', async () => {
  const before = done;
  expect((await post('g', { failAfterwards: true }))[0]).toBe(500);
  await site.sql(`UPDATE access.idempotency_keys SET created_at = now() - interval '11 minutes' WHERE key = 'g'`);
  expect(await post('g', { failAfterwards: true })).toEqual([202, before + 1, 'true']);
  expect(await post('g', { failAfterwards: true })).toEqual([202, before + 1, 'true']);
  expect(done).toBe(before + 1);
});

it('does nothing with a key that was given up and taken by another request', async () => {
  const store = app.get(IdempotencyStore);
  const request = { caller: 'user:1', key: 'h', operation: 'POST /work', body: {} };
  await store.claim(request);
  const bind = (id: string) =>
    inTransaction(app.get(Connections).systemDb, (client) => store.bind(client, request, id));
  await bind('1');
  await expect(bind('2')).rejects.toMatchObject({ code: 'STILL_RUNNING' });
  await store.release(request);
  expect(await store.claim(request)).toEqual({ kind: 'done', doneId: '1' });
});

it.each([null, '', 'x'.repeat(201), 'two words'])('needs a key, which %j is not', async (key) => {
  expect(await post(key, {})).toEqual([400, 'IDEMPOTENCY_KEY_MISSING', null]);
});
