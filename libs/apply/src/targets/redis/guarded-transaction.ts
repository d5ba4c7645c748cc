import { Command, type Redis } from 'ioredis';
import { FencedError } from '@astro/sync-core';

const NOTHING = Buffer.alloc(0);

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

/** The key that guards, and whose it is. */
export interface Guard {
  readonly stateKey: string;
  readonly lane: string;
}

/**
 * A transaction on a connection that watches the lane's state key. All of it but the EXEC leaves at once, so CacheDB
 * takes it in while the transaction before it is still executed. Should the connection be another one by the time of
 * the EXEC, that is an error of CacheDB's and nothing is written.
 */
export class GuardedTransaction {
  private readonly queued: readonly Promise<unknown>[];

  /** @param set the bytes of MULTI and an MSET (see `SetCommand`); null: nothing is set */
  constructor(
    private readonly redis: Redis,
    private readonly guard: Guard,
    { set, others }: { readonly set: Buffer | null; readonly others: readonly (readonly string[])[] },
  ) {
    const begun = set === null ? [redis.call('MULTI')] : this.begin(set);
    this.queued = [...begun, ...others.map(([name = '', ...values]) => redis.call(name, values))];
    for (const answer of this.queued) answer.catch(() => undefined); // looked at together with the EXEC's
  }

  /**
   * Executes it, and watches and reads the state for the next one in the same round trip.
   * @returns the state that is watched from now on
   * @throws {FencedError} when the state was touched since it was watched: nothing was written
   */
  async execute(): Promise<string | null> {
    const { redis, guard, queued } = this;
    const { stream } = redis;
    stream.cork(); // one message for CacheDB to wake up for
    const executed = redis.call('EXEC');
    const following = Promise.all([redis.watch(guard.stateKey), redis.get(guard.stateKey)]);
    stream.uncork();
    const results = await Promise.allSettled([...queued, executed, following]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    const replies = await executed;
    if (replies === null) throw new FencedError(`lane ${guard.lane}`);
    const error = (replies as unknown[]).find((reply) => reply instanceof Error);
    if (error) throw error;
    const [, state] = await following;
    return state;
  }

  async discard(): Promise<void> {
    await this.redis.call('DISCARD').catch(() => undefined);
  }

  /** Two commands whose bytes are one piece: each has its answer. */
  private begin(set: Buffer): Promise<unknown>[] {
    const commands = [new RawCommand('multi', set), new RawCommand('mset', NOTHING)];
    return commands.map((command) => this.redis.sendCommand(command) as Promise<unknown>);
  }
}
