import { z } from 'zod';
import { idSchema } from './access.js';
import { runOptionsSchema } from './runs.js';
import { runInitiatorSchema, runModeSchema } from './run-words.js';

const time = z.iso.datetime();
const count = z.int().min(0);

/** What a run over one data set is expected to do. */
export const previewItemSchema = z
  .object({
    dataSet: z.string(),
    state: z.enum(['waiting', 'counting', 'ready', 'failed']),
    /** Why it failed, in one sentence. */
    message: z.string().nullable(),
    /** Rows of the source in the scope; this and the following are null until they are counted. */
    rows: count.nullable(),
    inserts: count.nullable(),
    changes: count.nullable(),
    removals: count.nullable(),
    same: count.nullable(),
    /** Rows or documents of the target now; removals are a share of these. */
    targetRows: count.nullable(),
    /** How long the run should take; null when no rate was ever measured. */
    duration: z.object({ lowS: count, highS: count }).nullable(),
  })
  .meta({ id: 'PreviewItem' });
export type PreviewItem = z.infer<typeof previewItemSchema>;

/** Something that would meet the run. */
export const previewConflictSchema = z
  .object({
    kind: z.enum(['run', 'schedule']),
    dataSet: z.string(),
    /** The run in the way. */
    runId: idSchema.nullable(),
    /** When the schedule fires next. */
    at: time.nullable(),
    detail: z.string(),
  })
  .meta({ id: 'PreviewConflict' });
export type PreviewConflict = z.infer<typeof previewConflictSchema>;

/** The answer of `POST /runs/preview` (202 while it is computed) and `GET /runs/preview/:id`. */
export const previewSchema = z
  .object({
    id: idSchema,
    mode: runModeSchema,
    dataSets: z.array(z.string()),
    options: runOptionsSchema,
    state: z.enum(['planning', 'planned', 'failed', 'cancelled', 'expired']),
    initiator: runInitiatorSchema,
    createdAt: time,
    /** When the figures were complete; they count as stale 10 minutes later. */
    readyAt: time.nullable(),
    expiresAt: time.nullable(),
    ageS: count,
    items: z.array(previewItemSchema),
    duration: z.object({ lowS: count, highS: count }).nullable(),
    conflicts: z.array(previewConflictSchema),
    /** Set when the run would remove so much that it must be confirmed: send it back with `POST /runs`. */
    confirmation: z.string().nullable(),
    /** Why a confirmation is asked for. */
    confirmationReason: z.string().nullable(),
    /** The run that was started from it. */
    usedBy: idSchema.nullable(),
    asOf: time,
  })
  .meta({ id: 'Preview' });
export type Preview = z.infer<typeof previewSchema>;
