import { commandOf, descendantsOf } from '@astro/embedded';
import { query, withRedis } from './databases.js';
import { waitFor } from './wait-for.js';

export interface LeakScope {
  /** Addresses of databases that only this spec uses. */
  readonly databases?: readonly string[];
  /** Addresses of Redis databases that only this spec uses. */
  readonly redis?: readonly string[];
  /** Verifies the Redis servers; default TEST_CA_FILE. */
  readonly caFile?: string;
  readonly timeoutMs?: number;
}

/**
 * Starts watching: what is open in this process now is not counted.
 * @returns a check for the end of a spec. It waits until nothing is left (closing takes a moment) and throws with a
 *   list when something stays: replication slots, database sessions, Redis clients, sockets, child processes
 */
export function watchLeaks(): (scope?: LeakScope) => Promise<void> {
  const childrenBefore = new Set(descendantsOf(process.pid));
  const socketsBefore = openSockets();
  return async ({ databases = [], redis = [], caFile = process.env.TEST_CA_FILE, timeoutMs = 5_000 } = {}) => {
    let left: readonly string[] = [];
    const look = async () => {
      const remote = await Promise.all([
        ...databases.map(leftInDatabase),
        ...redis.map((url) => leftInRedis(url, caFile)),
      ]);
      left = [...remote.flat(), ...leftInProcess(childrenBefore, socketsBefore)];
      return left.length === 0;
    };
    await waitFor(look, { timeoutMs, what: 'everything to be closed' }).catch((error: unknown) => {
      throw left.length === 0 ? error : new Error(`Left open:\n  ${left.join('\n  ')}`, { cause: error });
    });
  };
}

async function leftInDatabase(url: string): Promise<readonly string[]> {
  const rows = await query<{ what: string }>(
    url,
    `SELECT format('replication slot %s (active: %s)', slot_name, active) AS what
       FROM pg_replication_slots WHERE database = current_database()
     UNION ALL
     SELECT format('session %s "%s": %s', pid, application_name, left(query, 80))
       FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type IN ('client backend', 'walsender')
        AND application_name <> 'astro-testing'`,
  );
  return rows.map((row) => row.what);
}

async function leftInRedis(url: string, caFile: string | undefined): Promise<readonly string[]> {
  const index = new URL(url).pathname.slice(1) || '0';
  const list = await withRedis(url, caFile, (redis) => redis.client('LIST') as Promise<string>);
  const clients = list
    .split('\n')
    .filter((line) => line.includes(` db=${index} `) && !line.includes(' name=astro-testing '));
  return clients.map((line) => `Redis client ${line}`);
}

function leftInProcess(childrenBefore: ReadonlySet<number>, socketsBefore: number): readonly string[] {
  const children = descendantsOf(process.pid).filter((pid) => !childrenBefore.has(pid));
  const sockets = openSockets() - socketsBefore;
  return [
    ...children.map((pid) => `process ${pid}: ${commandOf(pid)}`),
    ...(sockets > 0 ? [`${sockets} sockets of this process`] : []),
  ];
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'TCPServerWrap').length;
}
