import { z } from 'zod';
import { changeSchema } from './changes.js';
import { dataSetPositionSchema, dataSetStatusSchema } from './data-sets.js';

/** Which table a key belongs to may be left out where the data set has only one, or is joined: then it is the root. */
export const explainQuerySchema = z.strictObject({
  dataSet: z.string().min(1).max(63),
  key: z.string().min(1).max(2000),
  table: z.string().min(1).max(200).optional(),
});
export type ExplainQuery = z.infer<typeof explainQuerySchema>;

/**
 * What one database holds of the key now. `present`: `value` is it. `absent`: looked, and there is nothing. `unknown`:
 * could not look; `detail` says why.
 */
export const holdingSchema = z
  .object({
    endpoint: z.enum(['operations', 'cache', 'system']),
    /** Table, or Redis key. */
    place: z.string(),
    state: z.enum(['present', 'absent', 'unknown']),
    value: z.record(z.string(), z.unknown()).nullable(),
    detail: z.string().nullable(),
    /** How long reading took the database, in milliseconds. */
    tookMs: z.number().min(0),
  })
  .meta({ id: 'Holding' });
export type Holding = z.infer<typeof holdingSchema>;

/** A row of another table that a joined document is made of. */
export const relatedRowSchema = z
  .object({ table: z.string(), key: z.string().nullable(), changes: z.array(changeSchema) })
  .meta({ id: 'RelatedRow' });
export type RelatedRow = z.infer<typeof relatedRowSchema>;

export const explainDifferenceSchema = z
  .object({ field: z.string(), source: z.unknown().optional(), target: z.unknown().optional() })
  .meta({ id: 'ExplainDifference' });
export type ExplainDifference = z.infer<typeof explainDifferenceSchema>;

/** The answer of `GET /api/v1/explain`: why is this value here? */
export const explanationSchema = z
  .object({
    dataSet: z.string(),
    key: z.string(),
    table: z.string(),
    /** The answer in words. */
    sentence: z.string(),
    /**
     * `equal`: source and target say the same. `behind`: they differ and a change is on its way. `differs`: they differ
     * and nothing explains it. `set_aside`: the key waits with an error. `unknown`: one of them could not be read.
     */
    verdict: z.enum(['equal', 'behind', 'differs', 'set_aside', 'absent', 'unknown']),
    source: holdingSchema,
    target: holdingSchema,
    differences: z.array(explainDifferenceSchema),
    dataSetStatus: dataSetStatusSchema,
    position: dataSetPositionSchema.nullable(),
    captured: z.object({ commitLsn: z.string().nullable(), safeLsn: z.string().nullable() }),
    /** The change that made the target's value what it is, as far as the ledger still knows. */
    cause: changeSchema.nullable(),
    /** The next change of the key that is not applied yet. */
    waiting: changeSchema.nullable(),
    /** Newest first, at most 50: changes of the key, and of its table as a whole when that was emptied. */
    history: z.array(changeSchema),
    historyComplete: z.boolean(),
    /** Only for joined data sets: the rows of the tables that the document is made of. */
    related: z.array(relatedRowSchema),
    asOf: z.iso.datetime(),
  })
  .meta({ id: 'Explanation' });
export type Explanation = z.infer<typeof explanationSchema>;
