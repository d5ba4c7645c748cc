import type { ClientBase } from 'pg';
import { firstPhase, readingIsDoing, takenPhase, type ItemRow, type RunRow } from './rows.js';

/** Samples of one item are at least so far apart. */
const SHORTEST_MS = 1_000;
/** And at least this part of the time since its start. */
const SHARE = 200;

export interface SampleQuestion {
  readonly nowMs: number;
  /** When the item was first taken by a worker. */
  readonly startedMs: number;
  /** When its latest sample was taken; null before the first. */
  readonly sampledMs: number | null;
}

/**
 * Whether it is time to keep how far an item has come. The longer it lasts, the further apart its samples are, so that
 * their number is bounded: 200 in the first 200 s, then at most 200 × ln(seconds since its start / 200) more, which is
 * about 1 400 for a day and 2 100 for a month. Each rest and each worker that takes the item adds at most three, each
 * change of its phase one.
 */
export function isSampleDue({ nowMs, startedMs, sampledMs }: SampleQuestion): boolean {
  if (sampledMs === null) return true;
  return nowMs - sampledMs >= Math.max(SHORTEST_MS, (nowMs - startedMs) / SHARE);
}

export interface Sampled {
  readonly run: RunRow;
  /** As it was before what was written now. */
  readonly item: Pick<ItemRow, 'id' | 'started_at' | 'phase'>;
  readonly nowMs: number;
  readonly sampledMs: number | null;
}

/**
 * Asks the database nothing when no sample is due. Call it when rows and errors are counted.
 * @param phase of the item from now on
 */
export async function sampleWhenDue(client: ClientBase, of: Sampled, phase = of.item.phase): Promise<void> {
  const { run, item, nowMs, sampledMs } = of;
  const startedMs = item.started_at?.getTime() ?? nowMs;
  const isDue = phase !== item.phase || isSampleDue({ nowMs, startedMs, sampledMs });
  if (!run.is_preview && isDue) await sampleNow(client, run, item.id);
}

/** Keeps how far the item has come, for its rest or its end: what it did until then must not get lost. */
export async function sampleNow(client: ClientBase, run: RunRow, itemId: string): Promise<void> {
  if (run.is_preview) return; // nobody looks at how fast one was
  await client.query(
    `INSERT INTO sync.run_samples (item_id, at, rows_done, errors, phase)
     SELECT id, clock_timestamp(), ${doneColumn(run)}, errors, phase FROM sync.run_items WHERE id = $1
     ON CONFLICT ON CONSTRAINT run_samples_pk DO NOTHING`,
    [itemId],
  );
}

/**
 * A worker takes the item; call it before that is written. What the worker before did last is kept at the time when it
 * did it, so that it is not spread over the time in which nobody worked.
 */
export async function sampleTaken(client: ClientBase, run: RunRow, itemId: string): Promise<void> {
  if (run.is_preview) return;
  await client.query(
    `INSERT INTO sync.run_samples (item_id, at, rows_done, errors, phase, begins)
     SELECT i.id, t.at, ${doneColumn(run)}, errors, ${takenPhase('$2')}, t.begins FROM sync.run_items i
     CROSS JOIN LATERAL (VALUES (i.updated_at, false), (clock_timestamp(), true)) AS t (at, begins)
     WHERE i.id = $1 AND (t.begins OR i.started_at IS NOT NULL
       AND t.at > (SELECT max(at) FROM sync.run_samples WHERE item_id = $1))
     ON CONFLICT ON CONSTRAINT run_samples_pk DO NOTHING`,
    [itemId, firstPhase(run)],
  );
}

function doneColumn(run: RunRow): 'rows_read' | 'rows_applied' {
  return readingIsDoing(run.mode, run.is_preview) ? 'rows_read' : 'rows_applied';
}
