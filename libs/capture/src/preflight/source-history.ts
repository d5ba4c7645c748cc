import type { ClientBase } from 'pg';
import { ConfigError } from '@astro/sync-core';

const PERMISSION_DENIED = '42501';

/**
 * The name of the source's history, `system identifier/timeline`: what IDENTIFY_SYSTEM says, on an ordinary
 * connection. The timeline is the one being written now, also before the first checkpoint after a promotion.
 * @throws {ConfigError} when the right to ask was taken away
 */
export async function readSourceHistory(client: ClientBase): Promise<string> {
  try {
    const { rows } = await client.query<{ history: string }>(
      `SELECT s.system_identifier || '/' || ('x' || pg_catalog.substr(
                pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::int AS history
       FROM pg_catalog.pg_control_system() s`,
    );
    return rows[0]!.history;
  } catch (error) {
    if ((error as { code?: string }).code !== PERMISSION_DENIED) throw error;
    throw new ConfigError(
      'OperationsDB  this role may not ask which server it is on; ' +
        'GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO the role',
      { cause: error },
    );
  }
}
