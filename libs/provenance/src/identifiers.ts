import { ConfigError, type TableRef } from '@astro/sync-core';
import { escapeIdentifier } from 'pg';

export interface ProvenanceOptions {
  /** Where the functions live: lower-case letters, digits and `_`. Default `sync`. */
  readonly schema?: string;
}

/** @throws {ConfigError} when the name would need quotes */
export function schemaName({ schema = 'sync' }: ProvenanceOptions): string {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(schema) && !schema.startsWith('pg_')) return `"${schema}"`;
  throw new ConfigError(
    `"${schema}" cannot be the schema of the origin functions; ` +
      'use lower-case letters, digits and _, not starting with pg_, such as "sync".',
  );
}

/** The table as SQL, quoted whatever its name is. */
export function qualified(table: TableRef): string {
  return `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}`;
}
