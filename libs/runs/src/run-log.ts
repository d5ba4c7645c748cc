import type { Pool } from 'pg';
import {
  RUN_LOG_MAX_ENTRIES,
  type ItemState,
  type RunInitiator,
  type RunLog,
  type RunLogEntry,
  type RunLogKind,
  type RunMode,
  type RunState,
} from '@astro/contracts';

/** What happened to a run, newest first: who asked for what, who worked when, and how it ended. Null: no such run. */
export async function readRunLog(db: Pool, id: string): Promise<RunLog | null> {
  const { rows } = await db.query<EventRow>(EVENTS, [id, RUN_LOG_MAX_ENTRIES + 1]);
  if (rows.length === 0) return null;
  return { items: rows.slice(0, RUN_LOG_MAX_ENTRIES).map(entryOf), isCut: rows.length > RUN_LOG_MAX_ENTRIES };
}

interface EventRow {
  readonly at: Date;
  readonly kind: RunLogKind;
  readonly data_set: string | null;
  readonly initiator: RunInitiator | null;
  readonly details: EventDetails;
}

interface EventDetails {
  readonly mode?: RunMode;
  readonly dataSets?: readonly string[];
  readonly reason?: string | null;
  /** Of a verb: it moved the run. */
  readonly changed?: boolean;
  readonly rateLimitRowsPerS?: { readonly before: number | null; readonly after: number | null };
  readonly runId?: string;
  readonly state?: RunState | ItemState;
  readonly message?: string | null;
}

function entryOf({ at, kind, data_set: dataSet, initiator, details }: EventRow): RunLogEntry {
  return { at: at.toISOString(), kind, dataSet, initiator, text: TEXTS[kind](details) };
}

const MODE_WORDS: Readonly<Record<RunMode, string>> = {
  incremental: 'what is pending',
  full: 'a full copy',
  verify: 'a comparison',
  repair: 'a repair',
};

const TEXTS: Readonly<Record<RunLogKind, (details: EventDetails) => string>> = {
  start: ({ mode = 'full', dataSets = [], reason }) =>
    `Asked for ${MODE_WORDS[mode]} of ${dataSets.join(', ')}.${reason ? ` Reason: ${reason}` : ''}`,
  pause: ({ changed }) => (changed === false ? 'Asked for a pause once more.' : 'Asked for a pause.'),
  resume: ({ changed }) => (changed === false ? 'Asked to go on once more.' : 'Asked to go on.'),
  cancel: ({ changed }) => (changed === false ? 'Asked to cancel once more.' : 'Asked to cancel.'),
  change: ({ rateLimitRowsPerS: rate }) => `Rate limit: ${rateWords(rate?.before)} to ${rateWords(rate?.after)}.`,
  retry: ({ runId = '' }) => `Failed rows are tried again by run ${runId}.`,
  begin: () => 'A worker began.',
  go_on: () => 'A worker took the work up again.',
  data_set_end: ({ state = '', message }) => ended(state, message),
  end: ({ state = '', message }) => ended(state, message),
};

function rateWords(rowsPerS: number | null | undefined): string {
  return rowsPerS === null || rowsPerS === undefined ? 'none' : `${rowsPerS} rows/s`;
}

function ended(state: string, message: string | null | undefined): string {
  return `Ended: ${state.replaceAll('_', ' ')}.${message ? ` ${message}` : ''}`;
}

/** Refused acts changed nothing and are told by the audit trail alone. */
const EVENTS = `
WITH run AS (SELECT * FROM sync.runs WHERE id = $1 AND NOT is_preview),
acts AS (
  SELECT e."timestamp" AS at, substr(e.action, 5) AS kind, e.details,
    jsonb_build_object('kind', e.initiator_kind, 'id', e.initiator_id, 'name', e.initiator_name) AS initiator
  FROM public.entry_log e JOIN run ON e.entity_type = 'run' AND e.entity_id = run.id::text
  WHERE e.result = 'succeeded' AND e.initiator_kind IN ('user', 'api_key', 'schedule'))
SELECT at, kind, NULL AS data_set, initiator, details FROM acts
WHERE kind IN ('pause', 'resume', 'cancel', 'change', 'retry')
UNION ALL
SELECT created_at, 'start', NULL, initiator, jsonb_build_object('mode', mode, 'dataSets', data_sets, 'reason',
  (SELECT details ->> 'reason' FROM acts WHERE kind = 'start' LIMIT 1)) FROM run
UNION ALL
SELECT s.at, CASE s.at WHEN min(s.at) OVER (PARTITION BY i.id) THEN 'begin' ELSE 'go_on' END, i.data_set, NULL, '{}'
FROM sync.run_samples s JOIN sync.run_items i ON i.id = s.item_id JOIN run ON run.id = i.run_id WHERE s.begins
UNION ALL
SELECT i.finished_at, 'data_set_end', i.data_set, NULL, jsonb_build_object('state', i.state, 'message', i.message)
FROM sync.run_items i JOIN run ON run.id = i.run_id WHERE i.finished_at IS NOT NULL
UNION ALL
SELECT finished_at, 'end', NULL, NULL, jsonb_build_object('state', state, 'message', state_reason) FROM run
WHERE finished_at IS NOT NULL
ORDER BY at DESC, kind LIMIT $2`;
