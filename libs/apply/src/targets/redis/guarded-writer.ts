import { Command, type Redis } from 'ioredis';
import { FencedError } from '@astro/sync-core';
import { withoutBegin } from '../../copy/set-command.js';
import type { StateMove } from '../target.js';

const READY_TIMEOUT_MS = 10_000;
export const SETS_IN_FLIGHT = 2;
const NOTHING = Buffer.alloc(0);
const LOST = 'Connection is closed: CacheDB was lost while it was written';

/** What one step writes. */
export interface GuardedWrites {
  /**
   * Each makes the bytes of MULTI and an MSET (see `SetCommand`) when they are needed; when one is asked for, the bytes
   * of the one {@link SETS_IN_FLIGHT} before it are not needed any more.
   */
  readonly sets: readonly (() => Buffer)[];
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
  /** Counts them. */
  private connection = 0;
  /** The client library may leave commands under way without an answer for ever. */
  private onLost: () => void = () => undefined;

  constructor(
    private readonly redis: Redis,
    private readonly stateKey: string,
    private readonly lane: string,
  ) {
    redis.on('close', () => {
      this.watched = undefined; // the server has forgotten what was watched
      this.connection++;
      this.onLost();
    });
  }

  async write(writes: GuardedWrites, { expected, next }: StateMove): Promise<void> {
    try {
      if (this.watched === undefined) this.watched = await this.watch();
      if (this.watched !== expected) throw new FencedError(`lane ${this.lane}`);
      this.watched = await this.unlessLost(() => this.execute(writes, next));
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

  /**
   * Sends MULTI and the sets, so that CacheDB takes one while the next one is made. A transaction lives on one
   * connection: on the next one the rest would be written without its guard.
   * @returns the answers, none of which is an unhandled rejection
   */
  private async begin(sets: GuardedWrites['sets']): Promise<readonly Promise<unknown>[]> {
    const { connection } = this;
    const answers: Promise<unknown>[] = [];
    const send = (command: RawCommand) => {
      const answer = this.redis.sendCommand(command) as Promise<unknown>;
      answer.catch(() => undefined); // looked at with all the others
      answers.push(answer);
    };
    try {
      for (const [i, make] of sets.entries()) {
        // Without its answer the bytes may still wait to be sent, and their memory must not be written again.
        if (i >= SETS_IN_FLIGHT) await answers[answers.length - SETS_IN_FLIGHT];
        if (this.connection !== connection) throw new Error(LOST);
        const set = make();
        if (i === 0) send(new RawCommand('multi', set));
        send(new RawCommand('mset', i === 0 ? NOTHING : withoutBegin(set)));
      }
    } catch (error) {
      const isOpen = answers.length > 0 && this.connection === connection;
      if (isOpen) await this.redis.call('DISCARD').catch(() => undefined);
      throw error;
    }
    if (sets.length === 0) answers.push(this.redis.call('MULTI'));
    return answers;
  }

  /** What is not the sets leaves in one go. @returns the state that is watched from now on */
  private async execute({ sets, remove }: GuardedWrites, next: string): Promise<string | null> {
    const { redis, stateKey } = this;
    const queued = [...(await this.begin(sets))];
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
