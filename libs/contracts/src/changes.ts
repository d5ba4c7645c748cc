import { z } from 'zod';
import { queryTimeSchema } from './list.js';

export const changeOpSchema = z
  .enum(['insert', 'update', 'delete', 'truncate', 'relation'])
  .meta({ id: 'ChangeOp', description: '`relation`: the columns of the table changed' });
export type ChangeOp = z.infer<typeof changeOpSchema>;

export const changeStatusSchema = z.enum(['pending', 'completed', 'failed', 'skipped']).meta({ id: 'ChangeStatus' });
export type ChangeStatus = z.infer<typeof changeStatusSchema>;

/** Who caused a change: what the application said, and what the database server saw. Null: not said, not seen. */
export const originSchema = z
  .object({
    service: z.string().nullable(),
    user: z.string().nullable(),
    action: z.string().nullable(),
    reason: z.string().nullable(),
    correlationId: z.string().nullable(),
    observedRole: z.string().nullable(),
    observedApplication: z.string().nullable(),
    observedAddress: z.string().nullable(),
    /** Nobody claimed the change. */
    unattributed: z.boolean(),
  })
  .meta({ id: 'ChangeOrigin' });
export type ChangeOrigin = z.infer<typeof originSchema>;

export const changeSchema = z
  .object({
    /** The id in `job_queue`: a change and a data set together. */
    id: z.string(),
    dataSet: z.string(),
    jobType: z.enum(['realtime', 'batch']),
    /** Schema and name of the table. */
    entityType: z.string(),
    /** The key as text; a JSON array of texts for a key of several columns. */
    entityId: z.string(),
    op: changeOpSchema,
    status: changeStatusSchema,
    /** When the source committed it. */
    committedAt: z.iso.datetime(),
    /** When the ledger stored it. */
    createdAt: z.iso.datetime(),
    /** When it was applied to this data set; null while pending. */
    executedAt: z.iso.datetime().nullable(),
    /** Names of the fields that differ between before and after; null when the row before is not known. */
    changedFields: z.array(z.string()).nullable(),
    origin: originSchema,
    commitLsn: z.string(),
    seq: z.int().min(0),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'Change' });
export type Change = z.infer<typeof changeSchema>;

export const CHANGES_MAX_LIMIT = 200;

const text = (max: number) => z.string().min(1).max(max).optional();

/**
 * Filters are combined with "and" and compare for equality. `from` and `to` are about when the ledger stored the change.
 * `after` asks for what came after an earlier answer's `newest`, for a live tail; not together with `cursor`.
 */
export const changeQuerySchema = z.strictObject({
  dataSet: text(63),
  table: text(200).describe('Schema and name of the source table, such as public.launches'),
  key: text(2000),
  status: changeStatusSchema.optional(),
  op: changeOpSchema.optional(),
  service: text(500),
  user: text(500),
  withoutUser: z.literal('true').optional().describe('Only changes whose service named no user'),
  action: text(500),
  correlationId: text(500),
  unattributed: z.literal('true').optional().describe('Only changes that nobody claimed'),
  from: queryTimeSchema.optional(),
  to: queryTimeSchema.optional(),
  limit: z.coerce.number().int().min(1).max(CHANGES_MAX_LIMIT).default(50),
  cursor: text(2000),
  after: text(2000),
});
export type ChangeQuery = z.infer<typeof changeQuerySchema>;

/** The answer of `GET /api/v1/changes`: newest first, and with `after` too. */
export const changeListSchema = z
  .object({
    items: z.array(changeSchema),
    /** Give it as `cursor` for older ones; null: everything has been searched. */
    nextCursor: z.string().nullable(),
    /** Give it as `after` to get what comes later; null: the ledger is empty. */
    newest: z.string().nullable(),
    /**
     * A search has looked back to this time when it ended early, with fewer items than asked for: more may follow under
     * `nextCursor`. Null when the page is full or everything has been searched.
     */
    searchedUntil: z.iso.datetime().nullable(),
    /** With `after` only: more came than one page holds, and the oldest of them are left out. */
    skipped: z.boolean(),
    asOf: z.iso.datetime(),
  })
  .meta({ id: 'ChangeList' });
export type ChangeList = z.infer<typeof changeListSchema>;

export const changedFieldSchema = z
  .object({
    name: z.string(),
    /** JSON values as the documents hold them; absent when the field was not there, or is not known. */
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    kind: z.enum(['added', 'removed', 'changed', 'same', 'unknown']),
  })
  .meta({ id: 'ChangedField' });
export type ChangedField = z.infer<typeof changedFieldSchema>;

/** The answer of `GET /api/v1/changes/{id}`. */
export const changeDetailSchema = changeSchema
  .extend({
    oldKey: z.string().nullable(),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
    /** Large columns that the source did not send again; they kept their value. */
    unchanged: z.array(z.string()),
    fields: z.array(changedFieldSchema),
    transaction: z.object({ xid: z.string(), changes: z.int().min(0), history: z.string().nullable() }),
    asOf: z.iso.datetime(),
  })
  .meta({ id: 'ChangeDetail' });
export type ChangeDetail = z.infer<typeof changeDetailSchema>;

export const changeIdSchema = z.strictObject({ id: z.string().regex(/^\d{1,19}$/, 'is the id of a change') });
