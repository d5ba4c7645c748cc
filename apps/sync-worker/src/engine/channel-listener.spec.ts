import { createLogger, postgresConfig } from '@astro/runtime';
import { createDatabase, query, waitFor, testServers, type TestDatabase } from '@astro/testing';
import { Client } from 'pg';
import { ChannelListener } from './channel-listener.js';

let database: TestDatabase;
let listener: ChannelListener;
let heard: string[];
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
const realQuery = Client.prototype.query;

beforeAll(async () => {
  database = await createDatabase(testServers().system, 'listener');
  process.on('unhandledRejection', note);
});

beforeEach(() => {
  heard = [];
  const onNotified = (payload: string) => void heard.push(payload);
  const log = createLogger('spec', { level: 'silent' });
  const connection = postgresConfig(database.url, { applicationName: 'listener-spec' });
  listener = new ChannelListener(connection, { channel: 'news', log, onNotified });
});

afterEach(async () => {
  await listener.stop();
  jest.restoreAllMocks();
});

afterAll(async () => {
  process.off('unhandledRejection', note);
  await database.drop();
});

/** The first statements of the listener go this way; later ones are as they should be. */
function misdirect(times: number, how: (client: Client) => Promise<unknown>): void {
  let left = times;
  jest.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: unknown[]) {
    const isListen = String(args[0]).startsWith('LISTEN');
    if (isListen && left-- > 0) return how(this) as never;
    return Reflect.apply(realQuery, this, args) as never;
  });
}

async function sessions(): Promise<number> {
  const [row] = await query<{ n: string }>(
    database.url,
    `SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'listener-spec'`,
  );
  return Number(row?.n);
}

async function expectToHear(): Promise<void> {
  const hears = async () => {
    await query(database.url, `NOTIFY news, 'of today'`);
    return heard.includes('of today');
  };
  await waitFor(hears, { what: 'the news to be heard' });
}

it('connects again when the connection is lost while it begins to listen', async () => {
  misdirect(2, (client) => {
    const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection;
    stream.destroy();
    return Reflect.apply(realQuery, client, ['SELECT 1']) as Promise<unknown>;
  });
  listener.start();
  await expectToHear();
  expect(unhandled).toEqual([]);
});

it('keeps one connection, however often it may not listen', async () => {
  misdirect(4, (client) => Reflect.apply(realQuery, client, ['SELECT 1 / 0']) as Promise<unknown>);
  listener.start();
  await expectToHear();
  await waitFor(async () => (await sessions()) === 1, { what: 'the other connections to end', timeoutMs: 5000 });
});
