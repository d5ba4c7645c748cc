import type { RedisOptions } from 'ioredis';
import { Backoff } from './backoff.js';
import {
  ConnectionUrlError,
  decodePart,
  hostOf,
  parseConnectionUrl,
  verifiedTls,
  type LinkSecurity,
} from './link-security.js';

export interface RedisLinkOptions extends LinkSecurity {
  /** Shown in `CLIENT LIST`; letters, digits and `-_.:` only. */
  readonly connectionName: string;
  /** True for BullMQ workers, whose blocking commands wait for ever; others fail fast. Default false. */
  readonly forWorker?: boolean | undefined;
  /** Fails a command without an answer after this time; leave it out where commands block. */
  readonly commandTimeoutMs?: number | undefined;
}

const DEFAULT_PORT = 6379;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
const MAX_RECONNECT_DELAY_MS = 2_000;
const MIN_RECONNECT_DELAY_MS = 50;

/**
 * Connection settings for `ioredis` from a URL such as `rediss://default:password@host:6379/0`.
 * A connection that is lost is opened again with growing pauses, without end.
 * @throws {ConnectionUrlError} when the URL is wrong, or is `redis://` while plaintext is not permitted
 */
export function redisOptions(url: string, options: RedisLinkOptions): RedisOptions {
  const parsed = parseConnectionUrl(url, ['rediss', 'redis']);
  if (parsed.protocol === 'redis:' && !options.allowPlaintext) {
    throw new ConnectionUrlError(
      'the connection would not be encrypted; write rediss://, or set ALLOW_PLAINTEXT=true to permit plaintext',
    );
  }
  if (parsed.search !== '') throw new ConnectionUrlError('Redis URLs take no parameters; remove what follows the ?');
  const host = hostOf(parsed);
  return {
    host,
    port: parsed.port === '' ? DEFAULT_PORT : Number(parsed.port),
    db: databaseIndex(parsed),
    ...credentials(parsed),
    ...(parsed.protocol === 'rediss:' && { tls: verifiedTls(host, options.caFile) }),
    connectionName: options.connectionName,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAlive: KEEP_ALIVE_AFTER_MS,
    maxRetriesPerRequest: options.forWorker ? null : 1,
    ...(options.commandTimeoutMs !== undefined && { commandTimeout: options.commandTimeoutMs }),
    retryStrategy: reconnectDelayMs,
    reconnectOnError: reconnectToNewPrimary,
  };
}

function credentials(url: URL): { username?: string; password?: string } {
  const username = decodePart(url.username);
  const password = decodePart(url.password);
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
}

function databaseIndex(url: URL): number {
  const text = url.pathname.slice(1);
  if (text === '') return 0;
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new ConnectionUrlError(`a Redis database is a number such as /0, not "/${text}"`);
}

function reconnectDelayMs(attempts: number): number {
  return MIN_RECONNECT_DELAY_MS + Backoff.delayMs(attempts, { baseMs: 50, maxMs: MAX_RECONNECT_DELAY_MS });
}

/** After a failover the old primary answers READONLY: connect anew and send the command again. */
function reconnectToNewPrimary(error: Error): false | 2 {
  return error.message.startsWith('READONLY') ? 2 : false;
}
