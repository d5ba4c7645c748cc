import { z } from 'zod';
import { idSchema } from './access.js';
import { listQuerySchema, pageSchema, permissionSchema, queryTimeSchema } from './list.js';
import {
  itemStateSchema,
  runErrorKindSchema,
  runInitiatorSchema,
  runModeSchema,
  runPhaseSchema,
  runStateSchema,
  RUN_ERROR_KINDS,
} from './run-words.js';

const time = z.iso.datetime();
const count = z.int().min(0);
const RATE_LIMIT = 'Rows per second of each data set';

export const FILTER_OPERATORS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in', 'is_null', 'is_not_null'] as const;
const filterValueSchema = z.union([z.string().max(2000), z.number(), z.boolean()]);

/** One condition on a column; several hold together (AND). Never SQL: the column is looked up, the value is bound. */
export const filterConditionSchema = z
  .strictObject({
    column: z.string().min(1).max(63),
    operator: z.enum(FILTER_OPERATORS),
    /** One value; a list for `in`; absent for `is_null` and `is_not_null`. */
    value: z.union([filterValueSchema, z.array(filterValueSchema).min(1).max(1000)]).optional(),
  })
  .meta({ id: 'FilterCondition' });
export type FilterCondition = z.infer<typeof filterConditionSchema>;

/** Narrows a run; `keys` and `filter` are for one data set and the modes full, verify and repair. */
export const runOptionsSchema = z
  .strictObject({
    /** The table that `keys` and `filter` mean, `schema.name`; needed only when the data set has several. */
    table: z.string().min(3).max(140).optional(),
    /** Row keys as in the ledger: the value itself, or a JSON array of texts for a key of several columns. */
    keys: z.array(z.string().min(1).max(500)).min(1).max(1000).optional(),
    filter: z.array(filterConditionSchema).min(1).max(20).optional(),
    rateLimitRowsPerS: z.int().min(1).max(10_000_000).optional().describe(RATE_LIMIT),
  })
  .meta({ id: 'RunOptions' });
export type RunOptions = z.infer<typeof runOptionsSchema>;

const scope = {
  datasets: z.union([z.literal('all'), z.array(z.string().min(1).max(200)).min(1).max(1000)]),
  mode: runModeSchema,
  options: runOptionsSchema.default({}),
};

/** The body of `POST /runs/preview`. */
export const previewRequestSchema = z.strictObject(scope).meta({ id: 'PreviewRequest' });
export type PreviewRequest = z.infer<typeof previewRequestSchema>;

/** The body of `POST /runs`. */
export const startRunSchema = z
  .strictObject({
    ...scope,
    /** When a data set already has a run: refuse with 409, or wait behind it. */
    whenBusy: z.enum(['refuse', 'queue']).default('refuse'),
    /** A preview of the same scope, at most 10 minutes old. */
    previewId: idSchema.optional(),
    /** The value that the preview returned, when it asks for one. */
    confirmation: z.string().min(1).max(100).optional(),
    /** Why, for the audit trail. */
    reason: z.string().trim().min(1).max(500).optional(),
  })
  .meta({ id: 'StartRun' });
export type StartRun = z.infer<typeof startRunSchema>;

/** The body of `PATCH /runs/:id`; null takes the limit away. */
export const changeRunSchema = z
  .strictObject({
    rateLimitRowsPerS: z.int().min(1).max(10_000_000).nullable().describe(`${RATE_LIMIT}; null takes the limit away`),
  })
  .meta({ id: 'ChangeRun' });
export type ChangeRun = z.infer<typeof changeRunSchema>;

const allowedSchema = z
  .object({ pause: permissionSchema, resume: permissionSchema, cancel: permissionSchema, retry: permissionSchema })
  .meta({ id: 'RunAllowed' });

/** Time left as a band; null with the reason when there is nothing honest to say. */
export const etaSchema = z
  .object({
    band: z.object({ lowS: count, highS: count }).nullable(),
    /**
     * `counting`: the total is not known yet; `measuring`: too few samples; `stalled`: nothing came for a while;
     * `finishing`: all rows are through; `waiting`: nothing has begun.
     */
    reason: z.enum(['counting', 'measuring', 'stalled', 'finishing', 'waiting', 'paused', 'ended']).nullable(),
  })
  .meta({ id: 'Eta' });
export type Eta = z.infer<typeof etaSchema>;

/** How far a run, or one data set of it, has come. */
export const progressSchema = z
  .object({
    phase: runPhaseSchema,
    rowsRead: count,
    rowsApplied: count,
    /** Null while it is being counted. */
    rowsTotal: count.nullable(),
    /** Never goes back; 100 only when done; null while the total is not known. */
    percent: z.number().min(0).max(100).nullable(),
    /** Moving average of the last 30 s of work; null before the second look. */
    rateRowsPerS: z.number().min(0).nullable(),
    eta: etaSchema,
    inserted: count,
    changed: count,
    removed: count,
    same: count,
    /** Differences found by a comparison. */
    different: count,
    errors: count,
    retries: count,
    rawBytes: count,
    storedBytes: count,
    /** When these figures were written; their age is `asOf` of the answer minus this. Null: nothing yet. */
    updatedAt: time.nullable(),
  })
  .meta({ id: 'RunProgress' });
export type RunProgress = z.infer<typeof progressSchema>;

export const runItemSchema = z
  .object({
    id: z.string(),
    dataSet: z.string(),
    state: itemStateSchema,
    progress: progressSchema,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    /** One sentence for people: how it ended, or what it waits for. */
    message: z.string().nullable(),
    /** The worker that holds it; null when none does. */
    worker: z.string().nullable(),
  })
  .meta({ id: 'RunItem' });
export type RunItem = z.infer<typeof runItemSchema>;

const runFacts = {
  id: idSchema,
  mode: runModeSchema,
  dataSets: z.array(z.string()),
  options: runOptionsSchema,
  state: runStateSchema,
  stateReason: z.string().nullable(),
  initiator: runInitiatorSchema,
  previewId: idSchema.nullable(),
  /** The run that this one waits for. */
  queuedBehind: idSchema.nullable(),
  /** The run whose failures this one tries again. */
  retryOf: idSchema.nullable(),
  rateLimitRowsPerS: z.int().nullable().describe(`${RATE_LIMIT}; null when there is no limit`),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  /** Grows with every change of the run: an answer with a lower one is older. */
  version: z.int(),
  progress: progressSchema,
  allowed: allowedSchema,
};

export const runSummarySchema = z.object(runFacts).meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof runSummarySchema>;

export const runSchema = z.object({ ...runFacts, items: z.array(runItemSchema), asOf: time }).meta({ id: 'Run' });
export type Run = z.infer<typeof runSchema>;

export const runPageSchema = pageSchema(runSummarySchema, 'RunPage');
export type RunPage = z.infer<typeof runPageSchema>;

/** The query of `GET /runs`; newest first. */
export const runQuerySchema = z.strictObject({
  ...listQuerySchema.shape,
  state: z.union([runStateSchema, z.array(runStateSchema)]).optional(),
  mode: runModeSchema.optional(),
  dataSet: z.string().max(200).optional(),
  /** Kind or id of the initiator, or both, such as `user:1`. */
  initiator: z.string().max(200).optional(),
  /** Created at or after this. */
  from: queryTimeSchema.optional(),
  /** Created before this. */
  to: queryTimeSchema.optional(),
  /** Ended at or after this. */
  endedFrom: queryTimeSchema.optional(),
  /** Ended before this. */
  endedTo: queryTimeSchema.optional(),
});
export type RunQuery = z.infer<typeof runQuerySchema>;

/** One failing row, or one difference. */
export const runErrorSchema = z
  .object({
    id: z.string(),
    dataSet: z.string(),
    kind: runErrorKindSchema,
    entityType: z.string(),
    entityId: z.string(),
    field: z.string().nullable(),
    code: z.string(),
    message: z.string(),
    /** What a person can do about it. */
    advice: z.string(),
    occurredAt: time,
  })
  .meta({ id: 'RunError' });
export type RunError = z.infer<typeof runErrorSchema>;

/** All rows with one cause, also those beyond what is kept row by row. */
export const runErrorGroupSchema = z
  .object({
    dataSet: z.string(),
    kind: runErrorKindSchema,
    code: z.string(),
    entityType: z.string(),
    field: z.string().nullable(),
    count,
    message: z.string(),
    advice: z.string(),
    firstAt: time,
    lastAt: time,
  })
  .meta({ id: 'RunErrorGroup' });
export type RunErrorGroup = z.infer<typeof runErrorGroupSchema>;

export const runErrorPageSchema = z
  .object({
    ...pageSchema(runErrorSchema, 'RunErrorItems').shape,
    groups: z.array(runErrorGroupSchema),
    /** Rows that were counted; `items` holds at most 10 000 of each data set. */
    total: count,
  })
  .meta({ id: 'RunErrorPage' });
export type RunErrorPage = z.infer<typeof runErrorPageSchema>;

export const runErrorQuerySchema = z.strictObject({
  ...listQuerySchema.shape,
  kind: z.enum(RUN_ERROR_KINDS).optional(),
  dataSet: z.string().max(200).optional(),
  code: z.string().max(100).optional(),
});
export type RunErrorQuery = z.infer<typeof runErrorQuerySchema>;
