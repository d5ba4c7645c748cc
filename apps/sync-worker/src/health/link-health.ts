import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { createPool, createRedis, redisOptions, withDeadline, type Logger } from '@astro/runtime';
import { LOG, WORKER_CONFIG, type WorkerConfig } from '../config.js';
import { CACHE, LEDGER_POOL, PREPARED } from '../engine/engine.module.js';
import type { Prepared } from '../engine/prepare.js';
import { evictionProblem } from '../engine/redis-check.js';
import { HealthRegistry, type HealthState } from './health-registry.js';

/** Less than what a health check may take. */
const ANSWER_DEADLINE_MS = 1500;

/** Says for each database whether this worker reaches it: the first thing to know when work does not move. */
@Injectable()
export class LinkHealth implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly operations: Pool;
  private readonly queue: Redis;

  constructor(
    @Inject(PREPARED) { operations }: Prepared,
    @Inject(LEDGER_POOL) private readonly system: Pool,
    @Inject(CACHE) private readonly cache: Redis,
    @Inject(WORKER_CONFIG) { connections }: WorkerConfig,
    @Inject(LOG) log: Logger,
    private readonly health: HealthRegistry,
  ) {
    this.operations = createPool({ ...operations, application_name: 'sync-worker health', max: 1 }, log);
    const options = { ...connections.link, connectionName: 'sync-worker-health', commandTimeoutMs: ANSWER_DEADLINE_MS };
    this.queue = createRedis(redisOptions(connections.queueUrl, options), log);
  }

  onApplicationBootstrap(): void {
    this.watch('OperationsDB', () => answers(this.operations));
    this.watch('SystemDB', () => answers(this.system));
    this.watch('CacheDB', () => keepsData(this.cache));
    this.watch('job queue', () => keepsData(this.queue));
  }

  async onApplicationShutdown(): Promise<void> {
    this.queue.disconnect();
    await this.operations.end();
  }

  private watch(name: string, look: () => Promise<HealthState>): void {
    const check = () => withDeadline(look(), ANSWER_DEADLINE_MS, name).catch(unreachable);
    this.health.register({ name: `link to ${name}`, check });
  }
}

const ANSWERS: HealthState = { healthy: true, detail: 'Answers.' };

async function answers(pool: Pool): Promise<HealthState> {
  await pool.query('SELECT 1');
  return ANSWERS;
}

async function keepsData(redis: Redis): Promise<HealthState> {
  if (redis.status !== 'ready') return { healthy: false, detail: 'Cannot be reached; connects again by itself.' };
  const problem = await evictionProblem(redis);
  return problem ? { healthy: false, detail: `${problem.what}; ${problem.fix}` } : ANSWERS;
}

/** The code only: messages may hold addresses and names, and everybody may read this. */
function unreachable(error: unknown): HealthState {
  const { code } = error as { code?: unknown };
  const reason = typeof code === 'string' && /^\w{1,40}$/.test(code) ? ` (${code})` : '';
  return { healthy: false, detail: `Cannot be reached${reason}; connects again by itself.` };
}
