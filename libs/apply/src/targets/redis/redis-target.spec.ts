import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { redisOptions } from '@astro/runtime';
import { FencedError, PoisonError } from '@astro/sync-core';
import { freshRedisDb, testServers } from '@astro/testing';
import { CONTRACT_TABLE_ID, carrying, chunk, gone, row, rowsOf, write } from '../contract-rows.js';
import type { KeyState } from '../target.js';
import { describeTargetContract, type TargetFixture } from '../target-contract.js';
import { SetCommand } from '../../copy/set-command.js';
import { GuardedWriter } from './guarded-writer.js';
import { RedisTarget, laneConnection, type RedisTargetOptions } from './redis-target.js';

interface RedisFixture extends TargetFixture {
  readonly redis: Redis;
  open(options?: Partial<RedisTargetOptions>): RedisTarget;
  /** Ends the connections of all targets that were opened, as a network does. */
  cutLanes(): Promise<void>;
}

async function redisFixture(keyPrefix = '{contract}:'): Promise<RedisFixture> {
  const { cache, caFile } = testServers();
  const database = await freshRedisDb(cache);
  const redis = new Redis(redisOptions(database.url, { caFile, connectionName: 'redis-target spec' }));
  const tables = [{ tableId: CONTRACT_TABLE_ID, keyPrefix, keyColumns: ['id'], columns: null }];
  const connections: Redis[] = [redis];
  const ownConnection = () => {
    const own = laneConnection(redis);
    connections.push(own);
    return own;
  };
  return {
    redis,
    open: (options = {}) =>
      new RedisTarget(ownConnection(), { lane: 'contract', keyPrefix, tables, compressOverBytes: null, ...options }),
    async cutLanes() {
      for (const lane of connections.slice(1)) {
        if (lane.status !== 'ready') await once(lane, 'ready');
        const id = await lane.client('ID');
        const closed = once(lane, 'close');
        await redis.client('KILL', 'ID', id);
        await closed;
      }
    },
    async readAll() {
      const keys = (await redis.keys('*')).filter((key) => key.startsWith(keyPrefix));
      const stored = keys.length === 0 ? [] : await redis.mgetBuffer(keys);
      return new Map(keys.map((key, i) => [key.slice(keyPrefix.length), plain(stored[i] ?? Buffer.alloc(0))]));
    },
    async close() {
      for (const connection of connections) connection.disconnect();
      await database.drop();
    },
  };
}

/** Makes the bytes that store one document. */
function set(id: number): () => Buffer {
  return () => stored(`{contract}:${id}`, 'x'.repeat(100_000));
}

function stored(key: string, value: string): Buffer {
  const command = new SetCommand('utf8');
  command.add(key, value);
  return command.toBuffer() ?? Buffer.alloc(0);
}

function plain(stored: Buffer): string {
  return (isCompressed(stored) ? gunzipSync(stored) : stored).toString('utf8');
}

function isCompressed(stored: Buffer | null): boolean {
  return stored?.[0] === 0x1f && stored[1] === 0x8b;
}

describeTargetContract('CacheDB', () => redisFixture());
describeTargetContract('CacheDB with compressed documents', async () => {
  const fixture = await redisFixture();
  return { ...fixture, open: () => fixture.open({ compressOverBytes: 0 }) };
});

describe('RedisTarget', () => {
  let fixture: RedisFixture;

  beforeEach(async () => {
    fixture = await redisFixture();
  });

  afterEach(() => fixture.close());

  it('counts what is no text as there: it is changed, or removed', async () => {
    await fixture.redis.lpush('{contract}:1', 'x');
    await fixture.redis.hset('{contract}:2', 'field', 'x');
    const states = [row(1, 'one', 'a'), gone(2), row(3, 'three', null), gone(4)];
    expect(await fixture.open().compare(states)).toEqual({ inserted: 1, changed: 1, same: 1, removed: 1 });
  });

  it('shows a reader all documents of a batch or none', async () => {
    const target = fixture.open();
    const ids = Array.from({ length: 3000 }, (_none, i) => i);
    const keys = [0, 1500, 2999].map((id) => `{contract}:${id}`);
    const seen = new Set<string>();
    let state: string | null = null;
    for (let version = 0; version < 10; version++) {
      const next = `s${version}`;
      let open = true;
      const writing: Promise<void> = write(
        target,
        ids.map((id) => row(id, `v${version}`, null)),
        { expected: state, next },
      ).finally(() => (open = false));
      while (open) {
        const names = (await fixture.redis.mget(keys)).map((document) => String(document && nameOf(document)));
        seen.add([...new Set(names)].join());
      }
      await writing;
      state = next;
    }
    expect([...seen].filter((names) => names.includes(','))).toEqual([]);
  });

  it.each([
    [null, false],
    [100, false],
    [99, true],
    [0, true],
  ])('compresses only documents of more than %s bytes', async (compressOverBytes, isSmaller) => {
    const compression = { rawBytes: 0, storedBytes: 0 };
    const target = fixture.open({ compressOverBytes, compression });
    const note = 'x'.repeat(100 - '{"id":1,"name":"a","note":""}'.length);
    await write(target, [row(1, 'a', note)], { expected: null, next: 's1' });
    expect(isCompressed(await fixture.redis.getBuffer('{contract}:1'))).toBe(isSmaller);
    expect(compression.rawBytes).toBe(isSmaller ? 100 : 0);
    await target.writeRows(chunk([2, 'a', note]), { expected: 's1', next: 's2' });
    expect(isCompressed(await fixture.redis.getBuffer('{contract}:2'))).toBe(isSmaller);
    expect(await fixture.readAll()).toEqual(rowsOf([1, 'a', note], [2, 'a', note]));
  });

  it('keeps only the chosen columns, also those that are carried', async () => {
    const tables = [
      { tableId: CONTRACT_TABLE_ID, keyPrefix: '{contract}:', keyColumns: ['id'], columns: ['id', 'note'] },
    ];
    const target = fixture.open({ tables });
    await write(target, [row(1, 'hidden', 'a')], { expected: null, next: 's1' });
    await write(target, [carrying(1, 'hidden', 1)], { expected: 's1', next: 's2' });
    await target.writeRows(chunk([2, 'hidden', null]), { expected: 's2', next: 's3' });
    expect(await fixture.readAll()).toEqual(
      new Map([
        ['1', '{"id":1,"note":"a"}'],
        ['2', '{"id":2,"note":null}'],
      ]),
    );
  });

  it('is fenced when the cache was emptied between two writes (P10)', async () => {
    const target = fixture.open();
    await write(target, [row(1, 'one', 'a')], { expected: null, next: 's1' });
    await fixture.redis.flushdb();
    const late = write(target, [row(2, 'two', 'b')], { expected: 's1', next: 's2' });
    await expect(late).rejects.toBeInstanceOf(FencedError);
    expect(await fixture.readAll()).toEqual(new Map());
    expect(await target.readState()).toBeNull();
  });

  it('goes on after its connection was cut, with its guard renewed (W37)', async () => {
    const [target, other] = [fixture.open(), fixture.open()];
    await write(target, [row(1, 'one', 'a')], { expected: null, next: 's1' });
    await fixture.cutLanes();
    await other.readState();
    await write(other, [row(1, 'newer', 'a')], { expected: 's1', next: 's2' });
    const cut = () => write(target, [row(1, 'late', 'a')], { expected: 's1', next: 's2b' });
    await expect(cut()).rejects.toThrow();
    await target.readState();
    await expect(cut()).rejects.toBeInstanceOf(FencedError);
    await write(target, [row(2, 'two', 'b')], { expected: 's2', next: 's3' });
    expect(await fixture.readAll()).toEqual(rowsOf([1, 'newer', 'a'], [2, 'two', 'b']));
  });

  it('writes a chunk of several parts as one', async () => {
    const target = fixture.open();
    const rows = Array.from({ length: 6000 }, (_none, i) => [i, `name ${i}`, 'é\t"\\'.repeat(60)] as const);
    await target.writeRows(chunk(...rows), { expected: null, next: 's1' });
    expect(await fixture.readAll()).toEqual(rowsOf(...rows));
    const late = target.writeRows(chunk(...rows.map(([id]) => [id, 'late', null] as const)), {
      expected: 's0',
      next: 's2',
    });
    await expect(late).rejects.toBeInstanceOf(FencedError);
    await target.writeRows(chunk(...rows.map(([id]) => [id, 'new', null] as const)), { expected: 's1', next: 's2' });
    expect(await fixture.readAll()).toEqual(rowsOf(...rows.map(([id]) => [id, 'new', null] as const)));
  });

  describe('between two parts', () => {
    const STATE = 'sync:lane:{contract}:';
    const move = { expected: 's1', next: 's2' };
    let connection: Redis;
    let writer: GuardedWriter;

    beforeEach(async () => {
      connection = laneConnection(fixture.redis);
      writer = new GuardedWriter(connection, STATE, 'contract');
      await fixture.redis.set(STATE, 's1');
    });

    afterEach(() => connection.disconnect());

    it('does not move the state when its connection is cut, and writes everything afterwards (W37)', async () => {
      const cut = () => {
        connection.stream.destroy();
        return set(2)();
      };
      await expect(writer.write({ sets: [set(1), cut, set(3), set(4)], remove: [] }, move)).rejects.toThrow(/closed/);
      await writer.ready();
      const left = [...(await fixture.readAll()).keys()];
      expect(left.filter((key) => key !== '1')).toEqual([]);
      expect(await fixture.redis.get(STATE)).toBe('s1');
      await writer.write({ sets: [set(1), set(2), set(3), set(4)], remove: [] }, move);
      expect([...(await fixture.readAll()).keys()].sort()).toEqual(['1', '2', '3', '4']);
      const late = writer.write({ sets: [set(5), set(6), set(7)], remove: [] }, move);
      await expect(late).rejects.toBeInstanceOf(FencedError);
      expect((await fixture.readAll()).size).toBe(4);
    });

    it('is fenced, writes no more of them and leaves no transaction open (W37)', async () => {
      const overtaken = () => {
        void fixture.redis.set(STATE, 'other'); // arrives before what is made below is sent
        return set(2)();
      };
      const sets = [set(1), overtaken, ...[3, 4, 5, 6, 7, 8].map(set)];
      await expect(writer.write({ sets, remove: ['{contract}:1'] }, move)).rejects.toBeInstanceOf(FencedError);
      expect(await fixture.redis.get(STATE)).toBe('other');
      expect([...(await fixture.readAll()).keys()]).not.toContain('8');
      await writer.write({ sets: [set(9)], remove: [] }, { expected: 'other', next: 's3' });
      expect([...(await fixture.readAll()).keys()]).toContain('9');
    });

    it('is fenced by a state that moved before it was watched again', async () => {
      const moving = () => stored(STATE, 'other'); // what happens between its EXEC and the WATCH for the next part
      await expect(writer.write({ sets: [moving, set(2)], remove: [] }, move)).rejects.toBeInstanceOf(FencedError);
      expect(await fixture.redis.get(STATE)).toBe('other');
      expect([...(await fixture.readAll()).keys()]).toEqual([]);
    });

    it('leaves no transaction open when a part cannot be made', async () => {
      const broken = (): Buffer => {
        throw new RangeError('no memory');
      };
      await expect(writer.write({ sets: [set(1), broken], remove: [] }, move)).rejects.toThrow('no memory');
      expect(await fixture.redis.get(STATE)).toBe('s1');
      await writer.write({ sets: [set(2)], remove: [] }, move);
      expect([...(await fixture.readAll()).keys()].sort()).toEqual(['1', '2']);
    });
  });

  it('reports what would be too much to carry at once as incomplete, and never half of a document', async () => {
    const target = fixture.open();
    const large = 'x'.repeat(6 * 1024 * 1024);
    for (let id = 1; id <= 4; id++) {
      const move = { expected: id === 1 ? null : `s${id - 1}`, next: `s${id}` };
      await write(target, [row(id, 'old', large)], move);
    }
    const states = [1, 2, 3, 4].map((id) => carrying(id, 'new', id));
    const reported: KeyState[] = [];
    const onIncomplete = async (incomplete: readonly KeyState[]) => void reported.push(...incomplete);
    await target.write({ truncated: [], states }, { expected: 's4', next: 's5' }, { partial: false, onIncomplete });
    const names = [...(await fixture.readAll())].sort().map(([key, document]) => [key, nameOf(document)]);
    const complete = states.filter((state) => !reported.includes(state)).map(({ key }) => key);
    expect(complete.length).toBeGreaterThan(0);
    expect(reported.length).toBeGreaterThan(0);
    expect(names).toEqual([1, 2, 3, 4].map((id) => [`${id}`, complete.includes(`${id}`) ? 'new' : 'old']));
  });

  it('carries one document that is larger than all it reads at once', async () => {
    const target = fixture.open();
    const large = 'é'.repeat(12 * 1024 * 1024);
    await write(target, [row(1, 'old', large)], { expected: null, next: 's1' });
    await write(target, [carrying(1, 'new', 1)], { expected: 's1', next: 's2' });
    expect(await fixture.readAll()).toEqual(rowsOf([1, 'new', large]));
  });

  it('sets a document aside that Redis cannot take', async () => {
    const target = fixture.open();
    const document = { length: 513 * 1024 * 1024 } as unknown as string;
    const tooLarge = { ...row(1, 'one', null), document };
    await expect(write(target, [tooLarge], { expected: null, next: 's1' })).rejects.toBeInstanceOf(PoisonError);
    expect(await target.readState()).toBeNull();
  });
});

it.each(['[a]*?\\:', '{a*}:', 'plain', 'x^[^a]-:'])('finds the keys of prefix %s and no others', async (keyPrefix) => {
  const fixture = await redisFixture(keyPrefix);
  try {
    const tables = [{ tableId: CONTRACT_TABLE_ID, keyPrefix, keyColumns: ['id'], columns: null }];
    const target = fixture.open({ tables });
    await fixture.redis.mset('a1', '1', 'aaa:1', '1', 'other', '1', '{axx}:1', '1', 'xxb-:', '1');
    expect(await target.isEmpty()).toBe(true);
    await target.writeRows(chunk([7, '*', null]), { expected: null, next: 's1' });
    const found: string[] = [];
    for await (const page of target.keys(CONTRACT_TABLE_ID)) found.push(...page);
    expect(found).toEqual(['7']);
    await target.write({ truncated: [CONTRACT_TABLE_ID], states: [] }, { expected: 's1', next: 's2' }, never);
    expect(await target.isEmpty()).toBe(true);
    expect(await fixture.redis.exists('a1', 'aaa:1', 'other', '{axx}:1', 'xxb-:')).toBe(5);
  } finally {
    await fixture.close();
  }
});

const never = { partial: false, onIncomplete: () => Promise.reject(new Error('nothing is incomplete here')) };

function nameOf(document: string): unknown {
  return (JSON.parse(document) as { name: unknown }).name;
}
