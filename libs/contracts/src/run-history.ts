import { z } from 'zod';
import { runInitiatorSchema, runLogKindSchema, runPhaseSchema } from './run-words.js';

const time = z.iso.datetime();

export const RUN_SERIES_MAX_POINTS = 120;

/** One stretch of a run's time. A value of null is a gap: the run was paused, or nobody reported. */
export const runPointSchema = z
  .object({
    at: time,
    /** Rows of all its data sets together: applied, or read where the run compares. */
    rowsPerSecond: z.number().min(0).nullable(),
    /** Rows that could not be written. */
    errorsPerSecond: z.number().min(0).nullable(),
    /** Of the slowest data set at work, most of the time. */
    phase: runPhaseSchema.nullable(),
  })
  .meta({ id: 'RunPoint' });

/** A data set was worked on in one phase, without a rest. */
export const runPhaseSpanSchema = z
  .object({
    dataSet: z.string(),
    phase: runPhaseSchema,
    from: time,
    /** When it ended, or now. */
    to: time,
  })
  .meta({ id: 'RunPhaseSpan' });
export type RunPhaseSpan = z.infer<typeof runPhaseSpanSchema>;

/** How fast a run went, and what it was doing. */
export const runSeriesSchema = z
  .object({
    /** When it began; when it was created while it has not. */
    from: time,
    /** When it ended, or now. */
    to: time,
    bucketSeconds: z.int().min(1),
    /** Oldest first; empty before the run has begun. */
    points: z.array(runPointSchema).max(RUN_SERIES_MAX_POINTS),
    /** Of each data set oldest first. In between it rested, for longer than one point is. */
    spans: z.array(runPhaseSpanSchema),
  })
  .meta({ id: 'RunSeries' });
export type RunSeries = z.infer<typeof runSeriesSchema>;

export const RUN_LOG_MAX_ENTRIES = 500;

/** Something that happened to a run. */
export const runLogEntrySchema = z
  .object({
    at: time,
    kind: runLogKindSchema,
    /** Null: it is about the whole run. */
    dataSet: z.string().nullable(),
    /** Who asked for it; null where the system did it by itself. */
    initiator: runInitiatorSchema.nullable(),
    /** For people. */
    text: z.string(),
  })
  .meta({ id: 'RunLogEntry' });
export type RunLogEntry = z.infer<typeof runLogEntrySchema>;

export const runLogSchema = z
  .object({
    /** Newest first. */
    items: z.array(runLogEntrySchema).max(RUN_LOG_MAX_ENTRIES),
    /** There is more that is older. */
    isCut: z.boolean(),
  })
  .meta({ id: 'RunLog' });
export type RunLog = z.infer<typeof runLogSchema>;
