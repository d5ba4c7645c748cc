import type { ClientBase } from 'pg';
import type { Problem, SourceSettings } from '@astro/catalogue';
import { tableName } from '@astro/sync-core';
import type { PublicationState } from './publication-state.js';
import type { PreflightTable } from './resolve-tables.js';
import { SOURCE_PLACE, type Findings } from './server-rules.js';
import { tableId } from './source-schema.js';

/** Set-up brings every publication into order, except one FOR ALL TABLES. */
const SETUP_FIX = 'run: npm run sync -- setup';

/** A replication slot as it stands in the source; fields differ between server versions. */
export interface SlotState {
  readonly plugin: string | null;
  readonly slot_type: string;
  readonly database: string | null;
  readonly temporary: boolean;
  readonly two_phase?: boolean;
  readonly wal_status: string | null;
  readonly invalidation_reason?: string | null;
  readonly isOfThisDatabase: boolean;
}

/** @returns null when there is no such slot */
export async function readSlot(client: ClientBase, slot: string): Promise<SlotState | null> {
  const { rows } = await client.query<{ slot: Omit<SlotState, 'isOfThisDatabase'>; own: boolean }>(
    `SELECT pg_catalog.to_jsonb(s) AS slot, s.database IS NOT DISTINCT FROM pg_catalog.current_database() AS own
     FROM pg_catalog.pg_replication_slots s WHERE s.slot_name = $1`,
    [slot],
  );
  const [row] = rows;
  return row ? { ...row.slot, isOfThisDatabase: row.own } : null;
}

/** Whether a slot of that name can serve us. Pure. */
export function judgeSlot(slot: SlotState, { slot: name }: SourceSettings): readonly Problem[] {
  const another = 'write source.slot with another name, or drop it';
  const remake = remakeSlot(name);
  const fault = (what: string, fix: string) => [
    { place: SOURCE_PLACE, dataSet: null, what: `replication slot "${name}" ${what}`, fix },
  ];
  if (slot.slot_type !== 'logical') return fault('is a physical one', another);
  if (slot.plugin !== 'pgoutput') return fault(`uses the plugin ${slot.plugin ?? 'none'}, not pgoutput`, another);
  if (!slot.isOfThisDatabase) return fault(`belongs to database "${slot.database ?? ''}"`, another);
  if (slot.temporary) return fault('is temporary and ends with its session', another);
  if (slot.two_phase) return fault('decodes two-phase transactions before they commit', remake);
  if (slot.wal_status === 'lost' || slot.invalidation_reason) {
    return fault('was invalidated, so changes are lost for it', remake).map((problem) => ({ ...problem, kind: 'gap' }));
  }
  return [];
}

function remakeSlot(slot: string): string {
  return `SELECT pg_drop_replication_slot('${slot}'), then ${SETUP_FIX} and copy everything again`;
}

/** What set-up cannot repair by itself. Pure. */
export function judgeForSetup(
  state: PublicationState | null,
  hasSlot: boolean,
  { publication, slot }: SourceSettings,
): readonly Problem[] {
  if (state === null && hasSlot) {
    // The slot reads log from before a new publication, and fails there for ever (W29).
    const what = `publication "${publication}" is gone, but replication slot "${slot}" needs it`;
    return [{ place: SOURCE_PLACE, dataSet: null, what, fix: remakeSlot(slot), kind: 'gap' }];
  }
  if (!state?.allTables) return [];
  const what = `publication "${publication}" is FOR ALL TABLES, which also publishes tables without a usable key`;
  return [{ place: SOURCE_PLACE, dataSet: null, what, fix: 'drop it, or write source.publication with another name' }];
}

/** Whether the publication carries every change of these tables in full. Pure. */
export function judgePublication(
  state: PublicationState,
  captured: readonly Pick<PreflightTable, 'table' | 'partitions'>[],
  { publication }: SourceSettings,
): Findings {
  const text = (what: string): Problem => ({
    place: SOURCE_PLACE,
    dataSet: null,
    what: `publication "${publication}" ${what}`,
    fix: SETUP_FIX,
  });
  const tables = captured.map(({ table }) => table);
  const partitioned = captured.find(({ partitions }) => partitions.length > 0);
  const wanted = new Set(tables.map(tableId));
  const published = new Map(state.tables.map((member) => [tableId(member.table), member]));
  const missing = state.allTables ? [] : tables.filter((table) => !published.has(tableId(table)));
  const filtered = state.tables.filter((member) => wanted.has(tableId(member.table)) && member.filter !== null);
  const cut = state.tables.filter((member) => wanted.has(tableId(member.table)) && member.columns !== null);
  const { publish, viaRoot, generatedColumns } = state.options;
  const kinds = ['insert', 'update', 'delete', 'truncate'].filter((kind) => !publish.split(', ').includes(kind));
  const problems = [
    ...missing.map((table) => text(`lacks table ${tableName(table)}`)),
    ...filtered.map(({ table }) => text(`has a row filter on ${tableName(table)}, which hides rows`)),
    ...cut.map(({ table }) => text(`has a column list on ${tableName(table)}, which hides columns`)),
    ...(kinds.length > 0 ? [text(`does not publish ${kinds.join(', ')}`)] : []),
    ...(partitioned && !viaRoot ? [text(`names the partitions of ${tableName(partitioned.table)} instead of it`)] : []),
    ...(generatedColumns === 'stored' ? [text('also publishes generated columns')] : []),
  ];
  const extra = state.tables.filter(({ table }) => !wanted.has(tableId(table)));
  const more = state.allTables ? 'all tables' : state.schemas.map((schema) => `schema ${schema}`).join(', ');
  const warnings = [
    ...extra.map(({ table }) => text(`also carries ${tableName(table)}, which no data set needs`)),
    ...(more ? [text(`also carries ${more}`)] : []),
  ];
  return { problems, warnings };
}
