import type { ClientBase } from 'pg';
import { formatLsn, type Lsn } from '@astro/sync-core';

/** Where the record of a source begins anew. */
export interface SourceStart {
  readonly history: string;
  readonly slot: string;
  /** Every transaction that commits after this is streamed; what came before is in the copies that follow. */
  readonly safeLsn: Lsn;
}

/**
 * After a gap: sets the source's position to a new slot, fences out every capture that is still running, and lets
 * the caller ask for copies. Positions of different histories of a source do not compare, so when the history is
 * another one, or the source was put back to before what the ledger holds, that is filed under a source of its own.
 */
export async function restartSource(client: ClientBase, name: string, start: SourceStart): Promise<void> {
  await client.query('BEGIN');
  try {
    const { rows } = await client.query<{ id: number; history: string | null }>(
      'SELECT id, history FROM sync.sources WHERE name = $1 FOR UPDATE',
      [name],
    );
    const source = rows[0];
    if (!source) throw new Error(`source ${name} is not registered in SystemDB`);
    const isAnother = source.history !== null && source.history !== start.history;
    if (isAnother || (await hasLater(client, source.id, start))) {
      // A source that is put back twice has two futures of the same name that never happened.
      const until = isAnother ? '' : ` until ${new Date().toISOString()}`;
      await fileOldHistory(client, source.id, `${name} ${source.history ?? ''}${until}`);
    }
    await client.query(
      `UPDATE sync.sources SET state = 'streaming', reason = NULL, changed_at = now(), writer = writer + 1,
         history = $2, slot = $3, commit_lsn = '0/0', safe_lsn = $4 WHERE id = $1`,
      [source.id, start.history, start.slot, formatLsn(start.safeLsn)],
    );
    // Everything is copied anew, so how tables were published before does not matter any more.
    await client.query('UPDATE sync.ledger_tables SET published = NULL, partitions = NULL WHERE source_id = $1', [
      source.id,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/**
 * A server whose disk was put back to an earlier moment goes on under the same name: what the ledger holds from after
 * that moment never happened there, and lanes would take it for what comes next.
 */
async function hasLater(client: ClientBase, sourceId: number, { safeLsn }: SourceStart): Promise<boolean> {
  const { rows } = await client.query<{ later: boolean }>(
    `SELECT EXISTS (
       SELECT FROM sync.ledger_transactions WHERE source_id = $1 AND commit_lsn >= $2::pg_lsn) AS later`,
    [sourceId, formatLsn(safeLsn)],
  );
  return rows[0]?.later === true;
}

async function fileOldHistory(client: ClientBase, sourceId: number, name: string): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO sync.sources (name, history, slot, state, reason)
     SELECT $2, history, slot, 'gap', 'an earlier history of the source' FROM sync.sources WHERE id = $1
     ON CONFLICT (name) DO UPDATE SET changed_at = now() RETURNING id`,
    [sourceId, name],
  );
  const filedId = rows[0]?.id;
  await client.query(
    `INSERT INTO sync.ledger_tables (source_id, schema_name, table_name, key_columns, columns)
     SELECT $2, schema_name, table_name, key_columns, columns FROM sync.ledger_tables WHERE source_id = $1
     ON CONFLICT DO NOTHING`,
    [sourceId, filedId],
  );
  await client.query(
    `UPDATE sync.ledger_changes c SET table_id = filed.id
     FROM sync.ledger_tables t JOIN sync.ledger_tables filed USING (schema_name, table_name)
     WHERE t.source_id = $1 AND filed.source_id = $2 AND c.table_id = t.id`,
    [sourceId, filedId],
  );
  await client.query('UPDATE sync.ledger_transactions SET source_id = $2 WHERE source_id = $1', [sourceId, filedId]);
}
