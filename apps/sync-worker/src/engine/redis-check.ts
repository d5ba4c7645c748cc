import { Redis } from 'ioredis';
import { connectionProblem, type ConnectionName } from '@astro/capture';
import { formatProblem, problemsError, type Problem, type ProblemText } from '@astro/catalogue';
import { isTransientRedisError, redisOptions, type Logger, type SyncEnv } from '@astro/runtime';

export const CACHE_DB: ConnectionName = { endpoint: 'CacheDB', variable: 'CACHE_REDIS_URL' };
export const JOB_QUEUE: ConnectionName = { endpoint: 'job queue', variable: 'QUEUE_REDIS_URL' };

const ANSWER_DEADLINE_MS = 5000;

/**
 * Refuses Redis servers that no waiting would make usable: a wrong password, a foreign certificate, or a policy that
 * drops data. One that is merely away holds nothing up: what it holds can be rebuilt, and health says so (P10, P12).
 * @throws {ConfigError} with every such problem
 */
export async function checkRedisServers({ connections }: SyncEnv, log: Logger): Promise<void> {
  const { cacheUrl, queueUrl, link } = connections;
  const check = (url: string, name: ConnectionName) => {
    const options = { ...link, connectionName: 'sync-worker check', commandTimeoutMs: ANSWER_DEADLINE_MS };
    return problemOf(new Redis({ ...redisOptions(url, options), ...ONCE }), name, log);
  };
  const found = await Promise.all([check(cacheUrl, CACHE_DB), check(queueUrl, JOB_QUEUE)]);
  const problems = found.filter((problem) => problem !== null);
  if (problems.length > 0) throw problemsError(problems);
}

const ONCE = { lazyConnect: true, retryStrategy: () => null };

async function problemOf(redis: Redis, name: ConnectionName, log: Logger): Promise<Problem | null> {
  let failure: unknown = null;
  redis.on('error', (error) => (failure ??= error)); // says more than what connect() rejects with
  try {
    await redis.connect();
    const eviction = await evictionProblem(redis);
    return eviction && { place: name.endpoint, dataSet: null, ...eviction };
  } catch (error) {
    const cause = failure ?? error;
    const { host = '', port = 0 } = redis.options;
    const problem = connectionProblem(cause, name, { host, port });
    if (!isTransientRedisError(cause)) return problem;
    log.warn({ event: 'start.redis_away', err: cause }, `going on without it: ${formatProblem(problem)}`);
    return null;
  } finally {
    redis.disconnect();
  }
}

/**
 * Why this Redis may drop data that nobody removed; null when it keeps everything, or does not tell.
 * A document or a signal that is evicted leaves no trace, so nothing would ever bring it back.
 */
export async function evictionProblem(redis: Redis): Promise<ProblemText | null> {
  const memory = await redis.info('memory').catch((error: Error) => {
    if (error.message.startsWith('NOPERM')) return ''; // its operator keeps that to himself
    throw error;
  });
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy === undefined || policy === 'noeviction') return null;
  return {
    what: `maxmemory-policy is "${policy}", so it may drop data that is still needed`,
    fix: 'CONFIG SET maxmemory-policy noeviction, and write it into its configuration',
  };
}
