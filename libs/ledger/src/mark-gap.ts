import type { ClientBase } from 'pg';

/**
 * Completeness can no longer be proved (P6): capture stands still and every lane of the source needs a resync, until
 * `restartSource` begins anew. The first reason stays.
 */
export async function markGap(client: ClientBase, sourceId: number, reason: string): Promise<void> {
  await client.query(
    `WITH gap AS (
       UPDATE sync.sources SET state = 'gap', reason = $2, changed_at = now() WHERE id = $1 AND state <> 'gap')
     UPDATE sync.ledger_lanes SET state = 'needs_resync', reason = $2, state_since = now(), copy_requested = false
     WHERE source_id = $1 AND active AND state <> 'needs_resync'`,
    [sourceId, reason],
  );
}
