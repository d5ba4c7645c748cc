import { z } from 'zod';
import { permissionSchema, queryTimeSchema } from './list.js';

/**
 * How a data set stands. `unknown`: nobody who would know has reported, so nothing is claimed. `never_synced`: its first
 * copy has not ended. `late`: behind by more than its target. `stalled`: has work and does not move.
 */
export const dataSetStatusSchema = z
  .enum(['fresh', 'late', 'stalled', 'paused', 'never_synced', 'unknown', 'needs_resync'])
  .meta({ id: 'DataSetStatus' });
export type DataSetStatus = z.infer<typeof dataSetStatusSchema>;

/** A number of rows; `exact: false` means "at least so many", or "about so many" where it is called an estimate. */
export const rowCountSchema = z.object({ rows: z.int().min(0), exact: z.boolean() }).meta({ id: 'RowCount' });
export type RowCount = z.infer<typeof rowCountSchema>;

const optionalTime = z.iso.datetime().nullable();

/** How far a data set has come in the history of its source. */
export const dataSetPositionSchema = z
  .object({
    /** Commit position in the source's log, such as `16/B374D848`. */
    commitLsn: z.string(),
    /** Order inside that transaction; -1 before its first change. */
    seq: z.int().min(-1),
    /** When this was written down. */
    at: optionalTime,
  })
  .meta({ id: 'DataSetPosition' });
export type DataSetPosition = z.infer<typeof dataSetPositionSchema>;

export const capturedPositionSchema = z
  .object({
    commitLsn: z.string().nullable(),
    /** Everything that committed before this is in the ledger. */
    safeLsn: z.string().nullable(),
    /** When a capture last proved that it moves; null when none has reported. */
    at: optionalTime,
  })
  .meta({ id: 'CapturedPosition' });
export type CapturedPosition = z.infer<typeof capturedPositionSchema>;

export const dataSetTableSchema = z
  .object({
    /** Schema and name in OperationsDB, such as `public.launches`. */
    table: z.string(),
    keyColumns: z.array(z.string()),
    /** `rows`: its rows are the data set. `root`: one document per row. `read`: its rows are part of documents. */
    role: z.enum(['rows', 'root', 'read']),
    /** The SystemDB table it goes to; null for CacheDB. */
    target: z.string().nullable(),
  })
  .meta({ id: 'DataSetTable' });
export type DataSetTable = z.infer<typeof dataSetTableSchema>;

export const lastRunSchema = z
  .object({
    id: z.string(),
    mode: z.string(),
    state: z.string(),
    startedBy: z.string(),
    createdAt: z.iso.datetime(),
    startedAt: optionalTime,
    finishedAt: optionalTime,
  })
  .meta({ id: 'LastRun' });
export type LastRun = z.infer<typeof lastRunSchema>;

export const dataSetSchema = z
  .object({
    name: z.string(),
    kind: z.enum(['flat', 'joined']).nullable(),
    mode: z.enum(['live', 'scheduled']),
    /** Only for mode scheduled. */
    schedule: z.object({ cron: z.string(), timeZone: z.string() }).nullable(),
    source: z.literal('operations'),
    target: z.enum(['cache', 'system']),
    tables: z.array(dataSetTableSchema),
    status: dataSetStatusSchema,
    /** One sentence for people: why the status is what it is. */
    statusReason: z.string(),
    /** Since when the lane is in its present state. */
    statusSince: optionalTime,
    /** True while a copy beside the live stream runs. */
    copying: z.boolean(),
    /** Changes in the ledger that are not applied yet; null when unknown. */
    lagRows: rowCountSchema.nullable(),
    /** Age of the oldest change that is not applied yet, in seconds; 0 when all is applied; null when unknown. */
    lagSeconds: z.number().min(0).nullable(),
    /** Above this many seconds it counts as late. Null: scheduled data sets wait for their time. */
    lagTargetSeconds: z.number().nullable(),
    position: dataSetPositionSchema.nullable(),
    captured: capturedPositionSchema,
    lastRun: lastRunSchema.nullable(),
    /** Rows of the source tables that make the data set, as the source's statistics say; null when unknown. */
    rows: rowCountSchema.nullable(),
    /** Keys that could not be written and wait with their errors. */
    setAsideKeys: z.int().min(0),
    /** Lag in seconds over the last 24 hours, oldest first; null where nobody reported. */
    lagSparkline: z.array(z.number().nullable()),
    allowed: z.object({ sync: permissionSchema, verify: permissionSchema, repair: permissionSchema }),
    /** When the worker last said something about it; null: never. */
    reportedAt: optionalTime,
  })
  .meta({ id: 'DataSet' });
export type DataSet = z.infer<typeof dataSetSchema>;

/** The answer of `GET /api/v1/data-sets`. All of them: there are few. */
export const dataSetListSchema = z
  .object({ items: z.array(dataSetSchema), nextCursor: z.null(), asOf: z.iso.datetime() })
  .meta({ id: 'DataSetList' });
export type DataSetList = z.infer<typeof dataSetListSchema>;

export const SERIES_MAX_POINTS = 300;

/** One bucket of time. A value of null is a gap: nobody reported in it, so nothing is known. */
export const dataSetPointSchema = z
  .object({
    at: z.iso.datetime(),
    /** The greatest lag that was seen, in seconds. */
    lagSeconds: z.number().nullable(),
    /** Changes applied per second. */
    appliedPerSecond: z.number().nullable(),
  })
  .meta({ id: 'DataSetPoint' });
export type DataSetPoint = z.infer<typeof dataSetPointSchema>;

export const dataSetSeriesSchema = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    bucketSeconds: z.int().min(1),
    points: z.array(dataSetPointSchema).max(SERIES_MAX_POINTS),
  })
  .meta({ id: 'DataSetSeries' });
export type DataSetSeries = z.infer<typeof dataSetSeriesSchema>;

/** Where the rows are on their way: source → queue → target. */
export const hopsSchema = z
  .object({
    source: z.object({ rows: rowCountSchema.nullable(), capturedAt: optionalTime }),
    queue: z.object({ pending: rowCountSchema.nullable(), oldestAt: optionalTime }),
    target: z.object({ rows: rowCountSchema.nullable(), appliedAt: optionalTime, setAsideKeys: z.int().min(0) }),
  })
  .meta({ id: 'DataSetHops' });
export type Hops = z.infer<typeof hopsSchema>;

export const setAsideKeySchema = z
  .object({
    table: z.string(),
    key: z.string(),
    code: z.string(),
    message: z.string(),
    attempts: z.int().min(1),
    firstAt: z.iso.datetime(),
    lastAt: z.iso.datetime(),
  })
  .meta({ id: 'SetAsideKey' });
export type SetAsideKey = z.infer<typeof setAsideKeySchema>;

/** The answer of `GET /api/v1/data-sets/{name}`. */
export const dataSetDetailSchema = dataSetSchema
  .extend({
    series: dataSetSeriesSchema,
    hops: hopsSchema,
    /** At most 20, the latest first; `setAsideKeys` counts all. */
    setAside: z.array(setAsideKeySchema),
    /** At most 20, the latest first. */
    lastRuns: z.array(lastRunSchema),
    asOf: z.iso.datetime(),
  })
  .meta({ id: 'DataSetDetail' });
export type DataSetDetail = z.infer<typeof dataSetDetailSchema>;

/** The range of the series; both default to the last 6 hours. At most 31 days apart. */
export const seriesQuerySchema = z.strictObject({
  from: queryTimeSchema.optional(),
  to: queryTimeSchema.optional(),
});
export type SeriesQuery = z.infer<typeof seriesQuerySchema>;

export const dataSetNameSchema = z.strictObject({ name: z.string().min(1).max(63) });
