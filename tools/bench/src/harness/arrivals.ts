import { Redis } from 'ioredis';
import { redisOptions } from '@astro/runtime';
import type { Lab } from './lab.js';
import { startClock } from './wait-for.js';

/**
 * Notes when documents become readable in CacheDB, without asking for them: the server itself tells a tracking client
 * of every key that was written (client-side caching, broadcast mode), after the write. So a noted time is never
 * early, and what disturbs the system is one short message per write.
 */
export class Arrivals {
  private seenAtMs = new Map<string, number>();
  private readonly now = startClock();

  private constructor(
    private readonly listener: Redis,
    private readonly tracker: Redis,
  ) {}

  /** @param prefix of the documents' keys */
  static async watch(lab: Lab, prefix: string): Promise<Arrivals> {
    const connect = () => new Redis(redisOptions(lab.cache.url, { caFile: lab.caFile, connectionName: 'bench' }));
    const arrivals = new Arrivals(connect(), connect());
    await arrivals.begin(prefix);
    return arrivals;
  }

  /** When the key was written for the first time since {@link clear}: milliseconds since 1970. */
  seenAt(key: string): number | undefined {
    return this.seenAtMs.get(key);
  }

  get count(): number {
    return this.seenAtMs.size;
  }

  clear(): void {
    this.seenAtMs = new Map();
  }

  close(): void {
    this.listener.disconnect();
    this.tracker.disconnect();
  }

  private async begin(prefix: string): Promise<void> {
    const id = await this.listener.client('ID');
    this.listener.on('messageBuffer', (_channel: Buffer, keys: unknown) => this.note(keys));
    await this.listener.subscribe('__redis__:invalidate');
    await this.tracker.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id), 'BCAST', 'PREFIX', prefix);
  }

  private note(keys: unknown): void {
    if (!Array.isArray(keys)) return; // everything was flushed
    const now = this.now();
    for (const key of keys as readonly Buffer[]) {
      const name = key.toString();
      if (!this.seenAtMs.has(name)) this.seenAtMs.set(name, now);
    }
  }
}
