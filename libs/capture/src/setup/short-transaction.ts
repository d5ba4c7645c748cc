import type { ClientBase } from 'pg';
import type { TableRef } from '@astro/sync-core';
import { Backoff, abortableSleep } from '@astro/runtime';
import { tableSql } from '../preflight/sql-names.js';
import { SourceBusyError } from './source-busy-error.js';

export interface LockLimits {
  /** The application's writes wait behind us for this long at most, per table. Default 200. */
  readonly lockTimeoutMs?: number;
  /** How long to try again before giving up. Default 60 000. */
  readonly giveUpAfterMs?: number;
}

const DEFAULT_LOCK_TIMEOUT_MS = 200;
const DEFAULT_GIVE_UP_AFTER_MS = 60_000;
/** All tables together may be waited for at most this many times the limit of one. */
const TABLES_FACTOR = 5;
/** Lock not available, statement timeout, deadlock. */
const BUSY = new Set(['55P03', '57014', '40P01']);

/** What runs inside; it may run several times, each time in a new transaction. */
export type ShortWork<T> = (lock: (tables: readonly TableRef[], mode: LockMode) => Promise<void>) => Promise<T>;
export type LockMode = 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE';

/**
 * Runs `work` in one transaction that never makes the application wait for long (P9): a lock that does not come
 * soon is given up with everything else, and tried again after a pause.
 * @throws {SourceBusyError} when there was no gap in time; names who was in the way. Nothing was changed.
 */
export async function shortTransaction<T>(client: ClientBase, work: ShortWork<T>, limits: LockLimits = {}): Promise<T> {
  const { lockTimeoutMs = DEFAULT_LOCK_TIMEOUT_MS, giveUpAfterMs = DEFAULT_GIVE_UP_AFTER_MS } = limits;
  const deadline = Date.now() + giveUpAfterMs;
  const backoff = new Backoff({ baseMs: 100, maxMs: 2000 });
  let wanted: readonly TableRef[] = [];
  const lock = async (tables: readonly TableRef[], mode: LockMode) => {
    wanted = tables;
    if (tables.length === 0) return;
    await client.query(`SET LOCAL statement_timeout = ${lockTimeoutMs * TABLES_FACTOR}`);
    await client.query(`LOCK TABLE ${tables.map((table) => `ONLY ${tableSql(table)}`).join(', ')} IN ${mode} MODE`);
    await client.query('SET LOCAL statement_timeout = 0');
  };
  for (;;) {
    try {
      return await once(client, () => work(lock), lockTimeoutMs);
    } catch (error) {
      if (!BUSY.has((error as { code?: string }).code ?? '')) throw error;
      if (Date.now() >= deadline) throw await busy(client, wanted, error);
      await abortableSleep(backoff.nextMs());
    }
  }
}

async function once<T>(client: ClientBase, work: () => Promise<T>, lockTimeoutMs: number): Promise<T> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

interface Holder {
  readonly pid: number;
  readonly role: string | null;
  readonly application: string | null;
  readonly seconds: number | null;
}

async function busy(client: ClientBase, tables: readonly TableRef[], cause: unknown): Promise<SourceBusyError> {
  const { rows } = await client.query<Holder>(
    `SELECT DISTINCT a.pid, a.usename AS role, a.application_name AS application,
            extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::int AS seconds
     FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
     WHERE l.granted AND l.relation = ANY ($1::pg_catalog.regclass[]) AND l.pid <> pg_catalog.pg_backend_pid()
     ORDER BY seconds DESC NULLS LAST LIMIT 3`,
    [tables.map(tableSql)],
  );
  const who = rows.map(
    ({ pid, role, application, seconds }) =>
      `session ${pid} (role ${role ?? 'unknown'}, application "${application ?? ''}", open for ${seconds ?? 0} s)`,
  );
  const holders = who.length === 0 ? 'other sessions' : who.join(', ');
  return new SourceBusyError(
    `OperationsDB  the tables were never free for a moment because of ${holders}; ` +
      'nothing was changed, try again when long transactions have ended.',
    { cause },
  );
}
