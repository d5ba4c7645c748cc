import { z } from 'zod';
import { dataSetStatusSchema, SERIES_MAX_POINTS } from './data-sets.js';

export const severitySchema = z.enum(['critical', 'warning', 'info']).meta({ id: 'Severity' });
export type Severity = z.infer<typeof severitySchema>;

/** Addresses inside the web app, such as `/data-sets/launches`. */
const link = z.string().startsWith('/');

export const attentionItemSchema = z
  .object({
    id: z.string(),
    severity: severitySchema,
    kind: z.enum(['data_set', 'run', 'component', 'set_aside', 'unattributed']),
    title: z.string(),
    detail: z.string(),
    /** How many of the same cause this line stands for. */
    count: z.int().min(1),
    since: z.iso.datetime().nullable(),
    link,
  })
  .meta({ id: 'AttentionItem' });
export type AttentionItem = z.infer<typeof attentionItemSchema>;

export const activeRunSchema = z
  .object({
    id: z.string(),
    mode: z.string(),
    state: z.string(),
    dataSets: z.array(z.string()),
    startedBy: z.string(),
    startedAt: z.iso.datetime().nullable(),
    rowsApplied: z.int().min(0),
    /** Null while it is still being counted. */
    rowsTotal: z.int().min(0).nullable(),
    percent: z.number().min(0).max(100).nullable(),
    rowsPerSecond: z.number().min(0).nullable(),
    /** Age of the figures. */
    updatedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ActiveRun' });
export type ActiveRun = z.infer<typeof activeRunSchema>;

/** A value of null is a gap: nobody reported in that time. */
export const throughputPointSchema = z
  .object({
    at: z.iso.datetime(),
    capturedPerSecond: z.number().nullable(),
    appliedPerSecond: z.number().nullable(),
  })
  .meta({ id: 'ThroughputPoint' });
export type ThroughputPoint = z.infer<typeof throughputPointSchema>;

export const outcomeHourSchema = z
  .object({
    at: z.iso.datetime(),
    succeeded: z.int().min(0),
    succeededWithLeftovers: z.int().min(0),
    failed: z.int().min(0),
    cancelled: z.int().min(0),
    stoppedByGuard: z.int().min(0),
  })
  .meta({ id: 'OutcomeHour' });
export type OutcomeHour = z.infer<typeof outcomeHourSchema>;

export const freshnessSchema = z
  .object({
    dataSet: z.string(),
    status: dataSetStatusSchema,
    lagSeconds: z.number().min(0).nullable(),
    lagTargetSeconds: z.number().nullable(),
  })
  .meta({ id: 'Freshness' });
export type Freshness = z.infer<typeof freshnessSchema>;

export const topOriginSchema = z
  .object({
    service: z.string().nullable(),
    user: z.string().nullable(),
    unattributed: z.boolean(),
    transactions: z.int().min(0),
    changes: z.int().min(0),
    lastAt: z.iso.datetime(),
  })
  .meta({ id: 'TopOrigin' });
export type TopOrigin = z.infer<typeof topOriginSchema>;

/** A part of the verdict: words, and where they lead; no link for words that only connect. */
export const verdictPartSchema = z.object({ text: z.string(), link: link.nullable() }).meta({ id: 'VerdictPart' });
export type VerdictPart = z.infer<typeof verdictPartSchema>;

/** The answer of `GET /api/v1/overview`. */
export const overviewSchema = z
  .object({
    verdict: z.object({
      tone: z.enum(['good', 'warning', 'bad', 'unknown']),
      parts: z.array(verdictPartSchema).min(1),
    }),
    /** Worst first, then oldest first. */
    needsAttention: z.array(attentionItemSchema),
    running: z.array(activeRunSchema),
    throughput: z.object({
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      bucketSeconds: z.int().min(1),
      points: z.array(throughputPointSchema).max(SERIES_MAX_POINTS),
    }),
    /** Runs that ended, per hour of the range; null: runs cannot be read. */
    outcomes: z.array(outcomeHourSchema),
    freshness: z.array(freshnessSchema),
    /**
     * Changes in the range that nobody claimed, counted as `GET /changes` lists them: once for each data set that
     * reads the table. `exact: false`: at least so many, because the range holds more than is counted; `since` says
     * from when on.
     */
    unattributed: z.object({ changes: z.int().min(0), exact: z.boolean(), since: z.iso.datetime() }),
    /** At most 10; their changes are counted as `GET /changes` lists them. */
    topOrigins: z.array(topOriginSchema),
    /** From when on `topOrigins` are counted: the start of the range, or later when it holds more than is counted. */
    originsSince: z.iso.datetime(),
    asOf: z.iso.datetime(),
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof overviewSchema>;
