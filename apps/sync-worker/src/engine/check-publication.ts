import type { ClientBase } from 'pg';
import { readPartitionMarks, readPublicationMarks, readSourceHistory } from '@astro/capture';
import { markGap, recordPartitions, recordPublication, type PartitionsOfTable } from '@astro/ledger';
import { tableName, type CapturedTable } from '@astro/sync-core';

export interface PublicationCheck {
  readonly publication: string;
  readonly sourceId: number;
  readonly tables: readonly CapturedTable[];
}

const RESYNC_ALL = 'Copy everything again with: npm run sync -- resync --all';
const FIX = 'Run: npm run sync -- setup, then copy again with: npm run sync -- resync <data set>';

/** What {@link checkPublication} found. */
export interface PublicationFindings {
  /** Why lanes were stopped by this call, for the log; null: none was. */
  readonly stopped: string | null;
  /** Changes are being lost at this moment, until set-up mends the publication. */
  readonly isFaulty: boolean;
  /** Lanes that this call asked to copy: rows came or went with a partition. */
  readonly toCopy: readonly string[];
}

/**
 * Compares the publication with what it was at the last look (P6). One that is gone, or was made anew, is a gap of the
 * whole source: the slot cannot be decoded with it (W29). A change of one table stops that table's lanes. Partitions that
 * were attached, detached, dropped or emptied by themselves have no place in the stream: their tables are copied again.
 */
export async function checkPublication(
  operations: ClientBase,
  system: ClientBase,
  { publication, sourceId, tables }: PublicationCheck,
): Promise<PublicationFindings> {
  if (await isAnotherHistory(operations, system, sourceId)) return { stopped: null, isFaulty: false, toCopy: [] };
  const marks = await readPublicationMarks(operations, publication);
  const gap = await publicationGap(system, { publication, sourceId, id: marks.publicationId });
  if (gap !== null) await markGap(system, sourceId, gap);
  const now = tables.map((table) => ({ table, ...marks.of(table.table) }));
  const stopped = await recordPublication(system, {
    sourceId,
    marks: now,
    wasChanged: ({ table }) =>
      `publication "${publication}" was changed for ${tableName(table)}, so changes may be missing`,
    fix: FIX,
  });
  const isFaulty = now.some(({ fault }) => fault !== null);
  const toCopy = await recordPartitions(system, { sourceId, look: () => partitionsOf(operations, tables) });
  if (stopped.length === 0) return { stopped: null, isFaulty, toCopy };
  const text = gap ?? `publication "${publication}" was changed; stopped: ${stopped.join(', ')}`;
  return { stopped: text, isFaulty, toCopy };
}

async function partitionsOf(
  operations: ClientBase,
  tables: readonly CapturedTable[],
): Promise<readonly PartitionsOfTable[]> {
  const marks = await readPartitionMarks(
    operations,
    tables.map(({ table }) => table),
  );
  return tables.map((table) => ({ table, partitions: marks.get(tableName(table.table)) ?? [] }));
}

/** Then capture finds the gap and names it better; what is published there says nothing about what was. */
async function isAnotherHistory(operations: ClientBase, system: ClientBase, sourceId: number): Promise<boolean> {
  const { rows } = await system.query<{ history: string | null }>('SELECT history FROM sync.sources WHERE id = $1', [
    sourceId,
  ]);
  const stored = rows[0]?.history ?? null;
  return stored !== null && stored !== (await readSourceHistory(operations));
}

/** Marks begin with the publication's id. */
async function publicationGap(
  system: ClientBase,
  {
    publication,
    sourceId,
    id,
  }: { readonly publication: string; readonly sourceId: number; readonly id: string | null },
): Promise<string | null> {
  if (id === null) return `Publication "${publication}" is gone from OperationsDB. ${RESYNC_ALL}`;
  const { rows } = await system.query(
    `SELECT 1 FROM sync.ledger_tables
     WHERE source_id = $1 AND published <> 'none' AND split_part(published, '.', 1) <> $2 LIMIT 1`,
    [sourceId, id],
  );
  if (rows.length === 0) return null;
  return `Publication "${publication}" was made anew; changes in between may be lost. ${RESYNC_ALL}`;
}
