import { z } from 'zod';

/**
 * What a run does. `incremental` brings over everything that is pending; `full` copies beside the live stream and
 * removes what the source no longer has; `verify` compares and reports; `repair` verifies, then mends what differs.
 */
export const RUN_MODES = ['incremental', 'full', 'verify', 'repair'] as const;
export const runModeSchema = z.enum(RUN_MODES).meta({ id: 'RunMode' });
export type RunMode = z.infer<typeof runModeSchema>;

/** `planning` and `planned` are the states of a preview; a run begins as `queued`. */
export const RUN_STATES = [
  'planning',
  'planned',
  'queued',
  'running',
  'pausing',
  'paused',
  'cancelling',
  'verifying',
  'succeeded',
  'succeeded_with_leftovers',
  'failed',
  'cancelled',
  'stopped_by_guard',
] as const;
export const runStateSchema = z.enum(RUN_STATES).meta({ id: 'RunState' });
export type RunState = z.infer<typeof runStateSchema>;

/** States of one data set of a run. */
export const ITEM_STATES = [
  'waiting',
  'running',
  'paused',
  'succeeded',
  'succeeded_with_leftovers',
  'failed',
  'cancelled',
  'stopped_by_guard',
] as const;
export const itemStateSchema = z.enum(ITEM_STATES).meta({ id: 'RunItemState' });
export type ItemState = z.infer<typeof itemStateSchema>;

/** In this order; `planning`, `comparing` and `applying` only where the mode has them. */
export const RUN_PHASES = ['planning', 'waiting', 'reading', 'comparing', 'applying', 'verifying', 'done'] as const;
export const runPhaseSchema = z.enum(RUN_PHASES).meta({ id: 'RunPhase' });
export type RunPhase = z.infer<typeof runPhaseSchema>;

/** What people may ask of a run. `retry` makes a new run of what failed. */
export const RUN_VERBS = ['pause', 'resume', 'cancel', 'retry'] as const;
export const runVerbSchema = z.enum(RUN_VERBS).meta({ id: 'RunVerb' });
export type RunVerb = z.infer<typeof runVerbSchema>;

/** What can happen to a run: what people ask of it, what workers do, and how it ends. */
export const RUN_LOG_KINDS = [
  'start',
  'pause',
  'resume',
  'cancel',
  'change',
  'retry',
  'begin',
  'go_on',
  'data_set_end',
  'end',
] as const;
export const runLogKindSchema = z.enum(RUN_LOG_KINDS).meta({ id: 'RunLogKind' });
export type RunLogKind = z.infer<typeof runLogKindSchema>;

/** Why a row is listed: a difference that a comparison found, or a row that could not be written. */
export const RUN_ERROR_KINDS = ['missing', 'extra', 'different', 'failed'] as const;
export const runErrorKindSchema = z.enum(RUN_ERROR_KINDS).meta({ id: 'RunErrorKind' });
export type RunErrorKind = z.infer<typeof runErrorKindSchema>;

/** Who started something: a person, an integration, or a schedule (whose id is its data set). */
export const runInitiatorSchema = z
  .object({ kind: z.enum(['user', 'api_key', 'schedule']), id: z.string(), name: z.string() })
  .meta({ id: 'RunInitiator' });
export type RunInitiator = z.infer<typeof runInitiatorSchema>;
