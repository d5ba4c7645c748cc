import type { ClientBase } from 'pg';
import { ConfigError, parseLsn, type Lsn } from '@astro/sync-core';
import { SourceBusyError } from './source-busy-error.js';

const PERMISSION_DENIED = '42501';
const LIMIT_EXCEEDED = '53400';
const QUERY_CANCELED = '57014';
const DUPLICATE = '42710';

/**
 * Makes the logical slot. The server waits for transactions that were open at the time; after `timeoutMs` it is given up.
 * @returns its consistent point: every transaction that commits after it will be streamed; null when it exists already
 * @throws {SourceBusyError} when a transaction stayed open for too long
 * @throws {ConfigError} when the role may not make it, or no slot is free
 */
export async function createSlot(client: ClientBase, slot: string, timeoutMs: number): Promise<Lsn | null> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL statement_timeout = ${timeoutMs}`);
    const { rows } = await client.query<{ lsn: string }>(
      `SELECT lsn FROM pg_catalog.pg_create_logical_replication_slot($1, 'pgoutput')`,
      [slot],
    );
    await client.query('COMMIT');
    return parseLsn(rows[0]!.lsn);
  } catch (error) {
    await client.query('ROLLBACK');
    if (codeOf(error) === DUPLICATE) return null;
    throw await explain(client, slot, error);
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | null)?.code ?? '';
}

async function explain(client: ClientBase, slot: string, cause: unknown): Promise<unknown> {
  const what = `OperationsDB  replication slot "${slot}" could not be made`;
  switch (codeOf(cause)) {
    case PERMISSION_DENIED:
      return new ConfigError(`${what}: the role may not stream changes; ALTER ROLE … REPLICATION`, { cause });
    case LIMIT_EXCEEDED:
      return new ConfigError(`${what}: no slot is free; drop an unused one or raise max_replication_slots`, { cause });
    case QUERY_CANCELED: {
      const oldest = await oldestTransaction(client);
      const fix = 'try again when it has ended';
      return new SourceBusyError(`${what}: ${oldest} is still open; nothing was changed, ${fix}.`, { cause });
    }
    default:
      return cause;
  }
}

async function oldestTransaction(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ pid: number; role: string | null; application: string | null }>(
    `SELECT pid, usename AS role, application_name AS application FROM pg_catalog.pg_stat_activity
     WHERE backend_xid IS NOT NULL AND pid <> pg_catalog.pg_backend_pid() ORDER BY xact_start LIMIT 1`,
  );
  const [oldest] = rows;
  if (!oldest) return 'a transaction';
  return `the transaction of session ${oldest.pid} (role ${oldest.role ?? 'unknown'}, application "${oldest.application ?? ''}")`;
}

/**
 * @returns false when there was none
 * @throws {SourceBusyError} while it is being read
 */
export async function dropSlot(client: ClientBase, slot: string): Promise<boolean> {
  const { rows } = await client.query<{ pid: number | null }>(
    'SELECT active_pid AS pid FROM pg_catalog.pg_replication_slots WHERE slot_name = $1',
    [slot],
  );
  const [found] = rows;
  if (!found) return false;
  if (found.pid !== null) {
    const reader = `session ${found.pid} reads replication slot "${slot}"`;
    throw new SourceBusyError(`OperationsDB  ${reader}; nothing was changed, stop the workers first.`);
  }
  await client.query('SELECT pg_catalog.pg_drop_replication_slot($1)', [slot]);
  return true;
}
