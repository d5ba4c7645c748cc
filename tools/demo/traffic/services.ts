import { createLogger, createPool, postgresConfig, type LinkSecurity } from '@astro/runtime';
import type pg from 'pg';
import { runningState } from '../../stack/running.mjs';

/** What writes to OperationsDB in the demo; `psql` stands for people and scripts that say nothing about themselves. */
export const WRITERS = ['AgencyAPI', 'BookingAPI', 'FinanceAPI', 'psql'] as const;
export type Writer = (typeof WRITERS)[number];
export type Pools = Readonly<Record<Writer, pg.Pool>>;

/** Where each of them signs in. */
export interface Target {
  readonly urls: Readonly<Record<Writer, string>>;
  readonly link: LinkSecurity;
}

/** There is nothing to send traffic to; the message says what to do. */
export class NoTargetError extends Error {
  override readonly name = 'NoTargetError';
}

const ROLES: Readonly<Record<Writer, string>> = {
  AgencyAPI: 'agency_api',
  BookingAPI: 'booking_api',
  FinanceAPI: 'finance_api',
  psql: 'agency_api',
};

/**
 * The database named in the environment, else the stack that runs here, where each service has a role of its own.
 * @throws {NoTargetError}
 */
export function findTarget(env: NodeJS.ProcessEnv, state = runningState()): Target {
  const link = { caFile: env['TLS_CA_FILE'] || undefined, allowPlaintext: env['ALLOW_PLAINTEXT'] === 'true' };
  const given = env['OPERATIONS_DATABASE_URL'];
  if (given) return { urls: urlsFor(() => given), link };
  if (!state) {
    throw new NoTargetError(
      'Nothing runs here. Start it with: npm start\nOr name a database that holds the demo data: OPERATIONS_DATABASE_URL=postgres://…',
    );
  }
  const { services, databases } = state;
  return { urls: urlsFor((writer) => services[ROLES[writer]] ?? databases.operations), link };
}

function urlsFor(url: (writer: Writer) => string): Target['urls'] {
  return Object.fromEntries(WRITERS.map((writer) => [writer, url(writer)])) as Record<Writer, string>;
}

/**
 * One pool for each writer; the caller ends them.
 * @throws {NoTargetError} when the database does not answer or does not hold the demo data
 */
export async function openPools({ urls, link }: Target, connections: number): Promise<Pools> {
  // A lost connection shows in the query that it hits.
  const log = createLogger('demo-traffic', { level: 'silent' });
  const pools = Object.fromEntries(
    WRITERS.map((writer) => {
      const config = postgresConfig(urls[writer], { ...link, applicationName: writer });
      return [writer, createPool({ ...config, max: connections }, log)];
    }),
  ) as unknown as Pools;
  try {
    await requireDemo(pools.BookingAPI);
  } catch (error) {
    await closePools(pools);
    throw error;
  }
  return pools;
}

export async function closePools(pools: Pools): Promise<void> {
  await Promise.all(WRITERS.map((writer) => pools[writer].end()));
}

async function requireDemo(pool: pg.Pool): Promise<void> {
  const sql =
    "SELECT to_regclass('public.bookings') IS NOT NULL AND to_regclass('public.launches') IS NOT NULL AS found";
  const { rows } = await pool.query<{ found: boolean }>(sql).catch((error: unknown) => {
    throw new NoTargetError(`OperationsDB does not answer: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (rows[0]?.found) return;
  throw new NoTargetError('OperationsDB does not hold the demo data. npm start loads them into a database of its own.');
}
