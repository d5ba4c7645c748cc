import { escapeIdentifier, type ClientBase } from 'pg';
import type { SourceSettings } from '@astro/catalogue';
import { tableName, type TableRef } from '@astro/sync-core';
import { tableSql } from '../preflight/sql-names.js';
import type { ProvenanceSql } from './provenance-sql.js';
import { shortTransaction, type LockLimits } from './short-transaction.js';
import { dropSlot } from './slot.js';
import { readSourceState, type SourceState } from './source-state.js';

export interface TeardownOptions {
  readonly source: SourceSettings;
  readonly provenance: ProvenanceSql;
  /** Loses the rights to read the published tables that it was granted. Default: none. */
  readonly workerRole?: string;
  readonly limits?: LockLimits;
}

/**
 * Removes everything that `setupSource` made; the tables and their rows stay as they are. Idempotent.
 * The slot goes first: it is what keeps log on the server.
 * @returns what was done, one sentence each
 * @throws {SourceBusyError} while the slot is read, or when long transactions leave no gap
 */
export async function teardownSource(client: ClientBase, options: TeardownOptions): Promise<readonly string[]> {
  const { source, provenance, workerRole = null, limits = {} } = options;
  const done = (await dropSlot(client, source.slot)) ? [`removed replication slot ${source.slot}`] : [];
  const query = {
    publication: source.publication,
    provenanceSchema: provenance.schema,
    tables: [],
    workerRole: null,
  };
  const removed = await shortTransaction(
    client,
    async (lock) => {
      const state = await readSourceState(client, query);
      const published = state.publication?.tables.map(({ table }) => table) ?? [];
      const revoked = workerRole === null ? [] : await revoke(client, workerRole, published);
      if (state.publication) await client.query(`DROP PUBLICATION ${escapeIdentifier(source.publication)}`);
      await lock(state.triggers, 'ACCESS EXCLUSIVE');
      for (const table of state.triggers) await client.query(provenance.dropTriggerSql(table));
      if (state.hasProvenance) await client.query(provenance.uninstallSql);
      return [...wordsOf(state, options), ...revoked];
    },
    limits,
  );
  return [...done, ...removed];
}

function wordsOf(state: SourceState, { source, provenance }: TeardownOptions): readonly string[] {
  return [
    ...(state.publication ? [`removed publication ${source.publication}`] : []),
    ...state.triggers.map((table) => `removed the origin trigger of ${tableName(table)}`),
    ...(state.hasProvenance ? [`removed the origin functions in schema ${provenance.schema}`] : []),
  ];
}

interface GrantRow extends TableRef {
  readonly whole_schema: boolean;
}

/** Only rights that were granted to the role itself; never those it has as owner. */
async function revoke(client: ClientBase, role: string, tables: readonly TableRef[]): Promise<readonly string[]> {
  const { rows } = await client.query<GrantRow>(
    `SELECT n.nspname AS schema, c.relname AS name, false AS whole_schema
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
     JOIN pg_catalog.pg_roles r ON r.oid = a.grantee AND r.oid <> c.relowner
     WHERE r.rolname = $1 AND a.privilege_type = 'SELECT' AND c.oid = ANY ($2::pg_catalog.regclass[]::pg_catalog.oid[])
     UNION ALL
     SELECT n.nspname, '', true
     FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) AS a
     JOIN pg_catalog.pg_roles r ON r.oid = a.grantee AND r.oid <> n.nspowner
     WHERE r.rolname = $1 AND a.privilege_type = 'USAGE' AND n.nspname = ANY ($3::pg_catalog.name[])`,
    [role, tables.map(tableSql), tables.map(({ schema }) => schema)],
  );
  const words: string[] = [];
  for (const { schema, name, whole_schema: isSchema } of rows) {
    const [right, object] = isSchema
      ? ['USAGE', `SCHEMA ${escapeIdentifier(schema)}`]
      : ['SELECT', `TABLE ${tableSql({ schema, name })}`];
    await client.query(`REVOKE ${right} ON ${object} FROM ${escapeIdentifier(role)}`);
    words.push(`revoked ${right} on ${isSchema ? `schema ${schema}` : `${schema}.${name}`} from ${role}`);
  }
  return words;
}
