import { setImmediate } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { FencedError } from '@astro/sync-core';
import type { StateMove } from '../target.js';
import { GuardedTransaction } from './guarded-transaction.js';

const READY_TIMEOUT_MS = 10_000;
const LOST = 'Connection is closed: CacheDB was lost while it was written';

/** What one step writes. */
export interface GuardedWrites {
  /**
   * Each makes the bytes of MULTI and an MSET (see `SetCommand`) when they are needed, and gets a transaction of its
   * own; when one is asked for, the bytes of the last but one are not needed any more.
   */
  readonly sets: readonly (() => Buffer)[];
  readonly remove: readonly string[];
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
  /** Counts them. */
  private connection = 0;
  /** The client library leaves commands under way without an answer until their time is over. */
  private onLost: () => void = () => undefined;

  constructor(
    private readonly redis: Redis,
    readonly stateKey: string,
    readonly lane: string,
  ) {
    redis.on('close', () => {
      this.watched = undefined; // the server has forgotten what was watched
      this.connection++;
      this.onLost();
    });
  }

  /**
   * Several sets become several transactions under the same guard, of which the last one moves the state: a failure in
   * between leaves some of them written and the state as it was.
   */
  async write(writes: GuardedWrites, move: StateMove): Promise<void> {
    try {
      if (this.watched === undefined) this.watched = await this.watch();
      if (this.watched !== move.expected) throw new FencedError(`lane ${this.lane}`);
      this.watched = await this.unlessLost(() => this.writeAll(writes, move));
    } catch (error) {
      this.watched = undefined;
      throw error;
    }
  }

  private async unlessLost<T>(work: () => Promise<T>): Promise<T> {
    const lost = new Promise<never>((_resolve, reject) => {
      this.onLost = () => reject(new Error(LOST));
    });
    lost.catch(() => undefined);
    return Promise.race([work(), lost]);
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

  /** Each is executed only after the one before it was. @returns the state that is watched from now on */
  private async writeAll({ sets, remove }: GuardedWrites, { expected, next }: StateMove): Promise<string | null> {
    const { connection } = this;
    const count = Math.max(1, sets.length);
    let executing = Promise.resolve(expected);
    let begun: GuardedTransaction | null = null;
    try {
      for (let i = 0; i < count; i++) {
        if (this.connection !== connection) throw new Error(LOST);
        const set = sets[i]?.() ?? null;
        const others = i < count - 1 ? [] : this.ending(remove, next);
        begun = new GuardedTransaction(this.redis, this, { set, others });
        if ((await executing) !== expected) throw new FencedError(`lane ${this.lane}`);
        executing = begun.execute();
        executing.catch(() => undefined); // awaited before the next one is executed, or below
        begun = null;
        if (i < count - 1) await setImmediate(); // once the EXEC has left, the next set is not copied to wait behind it
      }
      return await executing;
    } catch (error) {
      await executing.catch(() => undefined); // its answers must not come to the next one
      if (this.connection === connection) await begun?.discard();
      throw error;
    }
  }

  private ending(remove: readonly string[], next: string): readonly (readonly string[])[] {
    return [...(remove.length > 0 ? [['UNLINK', ...remove]] : []), ['SET', this.stateKey, next]];
  }
}
