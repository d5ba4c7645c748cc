import type { ClientBase, Pool } from 'pg';
import type { RunInitiator, RunState } from '@astro/contracts';
import { inTransaction } from './rows.js';
import { createRun, type RunInTheWay } from './run-desk.js';
import { nextTimes, type ScheduleRule } from './schedule-times.js';

export interface DeclaredSchedule extends ScheduleRule {
  readonly dataSet: string;
}

/** Makes the stored schedules those of the catalogue. What is new or changed counts from now on: nothing is made up. */
export async function registerSchedules(client: ClientBase, declared: readonly DeclaredSchedule[]): Promise<void> {
  const now = await databaseNow(client);
  for (const { dataSet, cron, timeZone } of declared) {
    const next = nextTimes({ cron, timeZone }, now, 1)[0];
    await client.query(
      `INSERT INTO sync.schedules AS s (data_set, cron, time_zone, next_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (data_set) DO UPDATE SET cron = excluded.cron, time_zone = excluded.time_zone, active = true,
         next_at = CASE WHEN s.active AND s.cron = excluded.cron AND s.time_zone = excluded.time_zone
           THEN s.next_at ELSE excluded.next_at END`,
      [dataSet, cron, timeZone, next],
    );
  }
  await client.query('UPDATE sync.schedules SET active = false WHERE active AND data_set <> ALL ($1)', [
    declared.map(({ dataSet }) => dataSet),
  ]);
}

/** What came of one time that was due. */
export type Firing = { readonly dataSet: string; readonly scheduledFor: Date } & (
  | { readonly kind: 'started'; readonly runId: string; readonly isCatchUp: boolean }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: unknown }
);

/**
 * Starts an incremental run for every schedule that is due; call it every second from as many workers as there are.
 * However many times passed while no worker was there, one run catches up. A time at which the data set still has a run
 * is skipped and noted. Times that pass while a schedule is paused are not made up. A data set that fails keeps no other
 * one waiting: its time stays due and is tried again by the next call.
 */
export async function fireDue(pool: Pool): Promise<readonly Firing[]> {
  const due = await pool.query<{ data_set: string; next_at: Date }>(
    'SELECT data_set, next_at FROM sync.schedules WHERE active AND paused_at IS NULL AND next_at <= clock_timestamp()',
  );
  const firings: Firing[] = [];
  for (const { data_set: dataSet, next_at: scheduledFor } of due.rows) {
    const failed = (error: unknown): Firing => ({ dataSet, scheduledFor, kind: 'failed', error });
    const firing = await inTransaction(pool, (client) => fire(client, dataSet)).catch(failed);
    if (firing) firings.push(firing);
  }
  return firings;
}

async function fire(client: ClientBase, dataSet: string): Promise<Firing | null> {
  const { rows } = await client.query<{ cron: string; time_zone: string; next_at: Date; now: Date }>(
    `SELECT cron, time_zone, next_at, clock_timestamp() AS now FROM sync.schedules
     WHERE data_set = $1 AND active AND paused_at IS NULL AND next_at <= clock_timestamp() FOR UPDATE SKIP LOCKED`,
    [dataSet],
  );
  const row = rows[0];
  if (!row) return null; // another worker has it
  const rule = { cron: row.cron, timeZone: row.time_zone };
  const [next] = nextTimes(rule, row.now, 1);
  const [afterDue] = nextTimes(rule, row.next_at, 1);
  const initiator: RunInitiator = { kind: 'schedule', id: dataSet, name: `schedule of ${dataSet}` };
  const created = await createRun(client, {
    ...{ mode: 'incremental', dataSets: [dataSet], options: {}, initiator, whenBusy: 'refuse' },
  });
  const facts = { dataSet, scheduledFor: row.next_at };
  if (created.kind === 'busy') {
    const reason = reasonOf(created.inTheWay);
    await client.query(
      'UPDATE sync.schedules SET next_at = $2, skipped_for = next_at, skipped_reason = $3 WHERE data_set = $1',
      [dataSet, next, reason],
    );
    return { ...facts, kind: 'skipped', reason };
  }
  await client.query(
    'UPDATE sync.schedules SET next_at = $2, last_fired_for = next_at, last_run_id = $3 WHERE data_set = $1',
    [dataSet, next, created.runId],
  );
  await recordStart(client, initiator, { runId: created.runId, dataSets: [dataSet], scheduledFor: row.next_at });
  const isCatchUp = afterDue !== undefined && afterDue <= row.now;
  return { ...facts, kind: 'started', runId: created.runId, isCatchUp };
}

/** In the transaction of the start: a run that cannot be written to the audit trail is not started. */
async function recordStart(client: ClientBase, { kind, id, name }: RunInitiator, details: object): Promise<void> {
  await client.query(
    `INSERT INTO public.entry_log (action, entity_type, entity_id, result, details, initiator_kind, initiator_id,
       initiator_name, service)
     VALUES ('run.start', 'run', $1::jsonb->>'runId', 'succeeded', $1, $2, $3, $4, 'sync-worker')`,
    [JSON.stringify(details), kind, id, name],
  );
}

function reasonOf(inTheWay: readonly RunInTheWay[]): string {
  const first = inTheWay[0];
  return first ? `Run ${first.runId} of the data set had not ended (${first.state}).` : 'The data set had a run.';
}

export interface StoredSchedule extends ScheduleRule {
  readonly dataSet: string;
  readonly nextAt: Date;
  readonly now: Date;
  readonly pausedBy: RunInitiator | null;
  readonly pausedReason: string | null;
  readonly pausedAt: Date | null;
  readonly lastRunId: string | null;
  readonly lastRunState: RunState | null;
  readonly lastRunFinishedAt: Date | null;
  readonly lastFiredFor: Date | null;
  readonly skippedFor: Date | null;
  readonly skippedReason: string | null;
}

/** Every active schedule, by data set. @param dataSet only this one */
export async function readSchedules(db: ClientBase | Pool, dataSet?: string): Promise<readonly StoredSchedule[]> {
  const { rows } = await db.query<StoredSchedule>(
    `SELECT s.data_set AS "dataSet", s.cron, s.time_zone AS "timeZone", s.next_at AS "nextAt", clock_timestamp() AS now,
       s.paused_by AS "pausedBy", s.paused_reason AS "pausedReason", s.paused_at AS "pausedAt",
       r.id AS "lastRunId", r.state AS "lastRunState", r.finished_at AS "lastRunFinishedAt",
       s.last_fired_for AS "lastFiredFor", s.skipped_for AS "skippedFor", s.skipped_reason AS "skippedReason"
     FROM sync.schedules s LEFT JOIN sync.runs r ON r.id = s.last_run_id
     WHERE s.active AND ($1::text IS NULL OR s.data_set = $1) ORDER BY s.data_set`,
    [dataSet ?? null],
  );
  return rows;
}

export interface SchedulePause {
  readonly by: RunInitiator;
  readonly reason: string;
}

/**
 * Pauses a schedule, or lets it go on from its next time. The same again changes nothing: the first pause stays.
 * @returns false when there is no such schedule
 */
export async function pauseSchedule(
  client: ClientBase,
  dataSet: string,
  pause: SchedulePause | null,
): Promise<{ changed: boolean } | null> {
  const { rows } = await client.query<{ cron: string; time_zone: string; paused_at: Date | null; now: Date }>(
    `SELECT cron, time_zone, paused_at, clock_timestamp() AS now FROM sync.schedules
     WHERE data_set = $1 AND active FOR UPDATE`,
    [dataSet],
  );
  const row = rows[0];
  if (!row) return null;
  if ((row.paused_at !== null) === (pause !== null)) return { changed: false };
  const [next] = nextTimes({ cron: row.cron, timeZone: row.time_zone }, row.now, 1);
  await client.query(
    `UPDATE sync.schedules SET paused_by = $2, paused_reason = $3, next_at = $4,
       paused_at = CASE WHEN $2::jsonb IS NULL THEN NULL ELSE clock_timestamp() END WHERE data_set = $1`,
    [dataSet, pause?.by ?? null, pause?.reason ?? null, next],
  );
  return { changed: true };
}

async function databaseNow(client: ClientBase): Promise<Date> {
  const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  if (!rows[0]) throw new Error('SystemDB did not tell the time');
  return rows[0].now;
}
