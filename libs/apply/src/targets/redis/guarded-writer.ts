import { Command, type Redis } from 'ioredis';
import { FencedError } from '@astro/sync-core';
import type { StateMove } from '../target.js';

const READY_TIMEOUT_MS = 10_000;

/** What one step writes: the bytes of an MSET, and keys to remove. */
export interface GuardedWrites {
  readonly set: Buffer | null;
  readonly remove: readonly string[];
}

/** A command whose bytes are there already. */
class RawCommand extends Command {
  constructor(
    name: string,
    private readonly bytes: Buffer,
  ) {
    super(name, []);
  }

  override toWritable(): Buffer {
    return this.bytes;
  }
}

/**
 * The one way data enters CacheDB: a transaction (MULTI … EXEC) that happens only if the lane's state key has not been
 * touched since it was read (WATCH). So documents and state move together or not at all, readers see all of it or
 * nothing, and a worker that was overtaken changes nothing (W37). Reading the state for the next step travels with the
 * transaction, so a step costs one round trip.
 *
 * The connection is the lane's own, neither queues commands while it is not connected nor repeats them afterwards:
 * a command repeated outside its transaction would be a write without a guard.
 */
export class GuardedWriter {
  /** The state text that is being watched; undefined: none is. */
  private watched: string | null | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly stateKey: string,
    private readonly lane: string,
  ) {
    redis.on('close', () => (this.watched = undefined)); // the server has forgotten what was watched
  }

  async write({ set, remove }: GuardedWrites, { expected, next }: StateMove): Promise<void> {
    try {
      if (this.watched === undefined) this.watched = await this.watch();
      if (this.watched !== expected) throw new FencedError(`lane ${this.lane}`);
      this.watched = await this.execute({ set, remove }, next);
    } catch (error) {
      this.watched = undefined;
      throw error;
    }
  }

  /** Waits a moment for the connection, so that a start is not an error. */
  async ready(): Promise<void> {
    const { redis } = this;
    if (redis.status === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => finish(new Error('Connection is closed: CacheDB is not connected')),
        READY_TIMEOUT_MS,
      );
      const onReady = () => finish(null);
      const finish = (error: Error | null) => {
        clearTimeout(late);
        redis.off('ready', onReady);
        if (error) reject(error);
        else resolve();
      };
      redis.once('ready', onReady);
    });
  }

  private async watch(): Promise<string | null> {
    await this.ready();
    const [, state] = await Promise.all([this.redis.watch(this.stateKey), this.redis.get(this.stateKey)]);
    return state;
  }

  /** All commands leave in one go. @returns the state that is watched from now on */
  private async execute({ set, remove }: GuardedWrites, next: string): Promise<string | null> {
    const { redis, stateKey } = this;
    const queued: Promise<unknown>[] = [redis.call('MULTI')];
    if (set) queued.push(redis.sendCommand(new RawCommand('mset', set)) as Promise<unknown>);
    if (remove.length > 0) queued.push(redis.call('UNLINK', [...remove]));
    queued.push(redis.call('SET', stateKey, next));
    const executed = redis.call('EXEC');
    const following = Promise.all([redis.watch(stateKey), redis.get(stateKey)]);
    const results = await Promise.allSettled([...queued, executed, following]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    const replies = await executed;
    if (replies === null) throw new FencedError(`lane ${this.lane}`);
    const error = (replies as unknown[]).find((reply) => reply instanceof Error);
    if (error) throw error;
    const [, state] = await following;
    return state;
  }
}
