import { escapeIdentifier, type ClientBase } from 'pg';
import { problemsError } from '@astro/catalogue';
import { tableName, type TableRef } from '@astro/sync-core';
import { preflightSystem, type SystemPreflightOptions } from '../preflight/preflight-system.js';
import { tableSql } from '../preflight/sql-names.js';
import { systemTargets } from '../preflight/system-targets.js';
import { targetTableSql } from './target-table-sql.js';

export interface SystemSetupOptions extends Omit<SystemPreflightOptions, 'before'> {
  /** The role that applies; gets the rights to write when it is not the one that sets up. Default: none. */
  readonly applyRole?: string;
}

/**
 * Makes the SystemDB tables that data sets are written to where they are missing, all or none. Idempotent; existing
 * tables are never altered.
 * @returns what was done, one sentence each
 * @throws {ConfigError} with every problem of the tables that exist, before anything is changed
 */
export async function setupSystemTargets(client: ClientBase, options: SystemSetupOptions): Promise<readonly string[]> {
  const { problems, missing } = await preflightSystem(client, { ...options, before: 'setup' });
  if (problems.length > 0) throw problemsError(problems);
  const done: string[] = [];
  await client.query('BEGIN');
  try {
    for (const { flat, source } of missing) {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(flat.target.schema)}`);
      await client.query(targetTableSql(source, flat));
      done.push(`made table ${tableName(flat.target)}`);
    }
    const targets = systemTargets(options.catalogue, options.tables).map(({ flat }) => flat.target);
    if (options.applyRole !== undefined) await grant(client, options.applyRole, targets);
    await client.query('COMMIT');
    return done;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function grant(client: ClientBase, role: string, targets: readonly TableRef[]): Promise<void> {
  const roleSql = escapeIdentifier(role);
  for (const target of targets) {
    await client.query(`GRANT USAGE ON SCHEMA ${escapeIdentifier(target.schema)} TO ${roleSql}`);
    await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ${tableSql(target)} TO ${roleSql}`);
  }
}
