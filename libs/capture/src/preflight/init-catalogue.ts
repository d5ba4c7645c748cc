import type { ClientBase } from 'pg';
import { renderCatalogue, type DraftDataSet, type SkippedTable } from '@astro/catalogue';
import { ConfigError, tableName, type TableRef } from '@astro/sync-core';
import { introspect } from './introspect.js';
import type { RelationInfo, SourceSchema } from './source-schema.js';
import { judgeTable } from './table-rules.js';

export interface InitCatalogue {
  /** A complete catalogue file. Holds the url, so only its owner may read the file. */
  readonly yaml: string;
  readonly included: readonly DraftDataSet[];
  readonly skipped: readonly SkippedTable[];
}

const MAX_NAME_LENGTH = 63;

/**
 * Drafts a catalogue for any database: every table with a usable key becomes a flat data set of the cache; for the
 * others the reason is given.
 * @throws {ConfigError} when not a single table can be used; lists why
 */
export async function buildInitCatalogue(
  client: ClientBase,
  { url }: { readonly url: string | null },
): Promise<InitCatalogue> {
  const schema = await introspect(client);
  const included: DraftDataSet[] = [];
  const skipped: SkippedTable[] = [];
  const names = new Set<string>();
  for (const relation of schema.relations.filter(isCandidate)) {
    const { table } = relation;
    const reason = reasonToSkip(schema, relation);
    if (reason === null) included.push({ name: uniqueName(table, names), table, keyColumns: [] });
    else skipped.push({ table, reason });
  }
  if (included.length > 0) return { yaml: renderCatalogue({ url, dataSets: included, skipped }), included, skipped };
  const reasons = skipped.map(({ table, reason }) => `\n- ${tableName(table)}: ${reason}`).join('');
  throw new ConfigError(
    `OperationsDB  the database has no table that can be kept equal${reasons || '; it has none at all'}`,
  );
}

/** Partitions come with their root; views and the like only repeat tables. */
function isCandidate({ kind, partitionOf, persistence, isOfExtension }: RelationInfo): boolean {
  const isTable = kind === 'table' || kind === 'partitioned table' || kind === 'foreign table';
  return isTable && partitionOf === null && persistence !== 'temporary' && !isOfExtension;
}

function reasonToSkip(schema: SourceSchema, relation: RelationInfo): string | null {
  const [fault] = judgeTable(schema, relation).faults;
  if (fault) return `${fault.what}; ${fault.fix}`;
  if (!relation.maySelect) return 'this role may not read it; GRANT SELECT on it';
  if (relation.hidesRows) return 'row level security would hide rows from this role; ALTER ROLE … BYPASSRLS';
  return null;
}

/** `public.Odd Table` becomes `odd-table`; other schemas go in front. Deterministic for one database. */
function uniqueName({ schema, name }: TableRef, taken: Set<string>): string {
  const text = (schema === 'public' ? name : `${schema}-${name}`).toLowerCase();
  const safe = text.replace(/[^a-z0-9_-]+/g, '-').replace(/^[^a-z]+|-+$/g, '');
  const base = (safe || 'table').slice(0, MAX_NAME_LENGTH - 4);
  let candidate = base;
  for (let number = 2; taken.has(candidate); number++) candidate = `${base}-${number}`;
  taken.add(candidate);
  return candidate;
}
