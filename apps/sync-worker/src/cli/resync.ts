import type { ClientBase } from 'pg';
import { connectOrExplain, readSourceHistory } from '@astro/capture';
import { readCatalogueFile, type Catalogue } from '@astro/catalogue';
import { findSource, restartSource } from '@astro/ledger';
import { loadSyncEnv, type SyncEnv } from '@astro/runtime';
import { ConfigError, parseLsn } from '@astro/sync-core';
import { OPERATIONS, SOURCE_NAME, SYSTEM, databaseAccess, withClient } from '../engine/prepare.js';
import { checkPublication } from '../engine/check-publication.js';
import { setup } from './setup.js';
import type { Say } from './sync.js';

const READER_END_MS = 10_000;

export interface ResyncOptions {
  readonly names: readonly string[];
  readonly all: boolean;
  readonly say: Say;
}

/**
 * Asks the lanes to copy their data sets again. After a gap in the source's changes this starts the ledger's record
 * of the source anew at a new slot, which only makes sense for all data sets at once.
 */
export async function resync(env: NodeJS.ProcessEnv, { names, all, say }: ResyncOptions): Promise<void> {
  const config = loadSyncEnv(env);
  const catalogue = await readCatalogueFile(config.catalogueFile);
  const chosen = all ? catalogue.dataSets.map(({ name }) => name) : names;
  checkNames(catalogue, chosen);
  const { system } = databaseAccess(config, catalogue, 'sync resync');
  await withClient(system, SYSTEM, async (client) => {
    const context = { config, catalogue, say };
    await mendPublication(env, client, context);
    if ((await findSource(client, SOURCE_NAME))?.isGap) {
      if (!all) throw new ConfigError('Changes of OperationsDB were lost; only all data sets can be resynced: --all');
      await startAnew(env, client, context);
    }
    const asked = await client.query(
      `UPDATE sync.ledger_lanes SET copy_requested = true
       WHERE active AND data_set = ANY ($1) RETURNING name`,
      [chosen],
    );
    say(`${asked.rowCount ?? 0} data sets will be copied again`);
  });
}

function checkNames(catalogue: Catalogue, names: readonly string[]): void {
  if (names.length === 0) throw new ConfigError('Name the data sets to copy again, or write --all');
  const unknown = names.filter((name) => !catalogue.dataSets.some((dataSet) => dataSet.name === name));
  if (unknown.length > 0) throw new ConfigError(`The catalogue has no data set ${unknown.join(', ')}`);
}

interface AnewContext {
  readonly config: SyncEnv;
  readonly catalogue: Catalogue;
  readonly say: Say;
}

/** A copy of a table that is not published whole would be out of date at once. */
async function mendPublication(env: NodeJS.ProcessEnv, system: ClientBase, context: AnewContext): Promise<void> {
  const { config, catalogue, say } = context;
  const { operations } = databaseAccess(config, catalogue, 'sync resync');
  const look = async () => {
    const source = await findSource(system, SOURCE_NAME);
    if (!source || source.isGap) return false;
    const check = { publication: catalogue.source.publication, sourceId: source.id, tables: source.tables };
    return withClient(operations, OPERATIONS, async (client) => {
      const { isFaulty } = await checkPublication(client, system, check);
      return isFaulty && !(await findSource(system, SOURCE_NAME))?.isGap;
    });
  };
  if (!(await look())) return;
  await setup(env, say);
  await look();
}

/** A new slot, and a position at it: what happened before is in the copies that follow. */
async function startAnew(env: NodeJS.ProcessEnv, system: ClientBase, context: AnewContext): Promise<void> {
  const { config, catalogue, say } = context;
  const { slot } = catalogue.source;
  const { operations } = databaseAccess(config, catalogue, 'sync resync');
  const source = await connectOrExplain(operations, OPERATIONS);
  try {
    // The ledger is closed to capture while there is a gap, so nobody takes the slot again.
    await source.query(
      `SELECT pg_terminate_backend(active_pid, ${READER_END_MS}) FROM pg_replication_slots
       WHERE slot_name = $1 AND database = current_database() AND active_pid IS NOT NULL`,
      [slot],
    );
    await source.query(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
       WHERE slot_name = $1 AND database = current_database() AND active_pid IS NULL`,
      [slot],
    );
    await setup(env, say);
    const { rows } = await source.query<{ lsn: string }>(
      'SELECT confirmed_flush_lsn AS lsn FROM pg_replication_slots WHERE slot_name = $1',
      [slot],
    );
    const history = await readSourceHistory(source);
    await restartSource(system, SOURCE_NAME, { history, slot, safeLsn: parseLsn(rows[0]?.lsn ?? '') });
    say(`made slot ${slot} anew at ${rows[0]?.lsn ?? ''}`);
  } finally {
    await source.end();
  }
}
