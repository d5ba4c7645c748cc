import { z } from 'zod';
import { idSchema } from './access.js';
import { listQuerySchema, pageSchema, queryTimeSchema } from './list.js';

/** succeeded: done. refused: the caller was not allowed to, or the state did not permit it. failed: it was tried and broke. */
export const AUDIT_RESULTS = ['succeeded', 'refused', 'failed'] as const;
export const auditResultSchema = z.enum(AUDIT_RESULTS).meta({ id: 'AuditResult' });
export type AuditResult = z.infer<typeof auditResultSchema>;

/** Who did it. `anonymous`: somebody who had not signed in; `name` is then what they claimed to be, if anything. */
export const initiatorSchema = z
  .object({
    kind: z.enum(['user', 'api_key', 'schedule', 'system', 'anonymous']),
    id: z.string().nullable(),
    name: z.string(),
  })
  .meta({ id: 'Initiator' });
export type Initiator = z.infer<typeof initiatorSchema>;

/** One row of `entry_log`. Entries are never changed. */
export const auditEntrySchema = z
  .object({
    id: idSchema,
    timestamp: z.iso.datetime(),
    initiator: initiatorSchema,
    /** The program that did it, such as `system-api`. */
    service: z.string(),
    /** Such as `auth.sign_in`, `run.start`, `user.change`. */
    action: z.string(),
    /** What it was done to: `user`, `session`, `run`, `data_set`, … */
    entityType: z.string(),
    entityId: z.string().nullable(),
    result: auditResultSchema,
    /** What was affected: before and after, names of data sets, reasons. Never a secret. */
    details: z.record(z.string(), z.unknown()),
    /** Network address that the request came from. */
    address: z.string().nullable(),
    requestId: z.string().nullable(),
    correlationId: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntrySchema>;
export const auditPageSchema = pageSchema(auditEntrySchema, 'AuditPage');
export type AuditPage = z.infer<typeof auditPageSchema>;

const word = z.string().trim().min(1).max(200).optional();

/** Filters of the audit trail; all that are given must fit. */
export const auditFilterSchema = z.object({
  /** Name, e-mail address or id of the initiator; a part of the name is enough. */
  actor: word,
  service: word,
  /** An action, or its first part: `auth` finds every `auth.…`. */
  action: word,
  entityType: word,
  entityId: word,
  result: auditResultSchema.optional(),
  /** Inclusive; ISO 8601 with a zone. */
  from: queryTimeSchema.optional(),
  /** Exclusive; ISO 8601 with a zone. */
  to: queryTimeSchema.optional(),
  correlationId: word,
  /** Anywhere in the details, the initiator's name, the action or the id of what was affected. */
  text: word,
});
export type AuditFilter = z.infer<typeof auditFilterSchema>;

/** Newest first. */
export const auditQuerySchema = auditFilterSchema.extend(listQuerySchema.shape);
export type AuditQuery = z.infer<typeof auditQuerySchema>;

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export const auditExportQuerySchema = auditFilterSchema.extend({ format: z.enum(EXPORT_FORMATS) });
export type AuditExportQuery = z.infer<typeof auditExportQuerySchema>;
