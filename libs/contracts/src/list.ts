import { z } from 'zod';

/** The most items that one page of a list holds. */
export const MAX_PAGE = 200;
export const DEFAULT_PAGE = 50;

/** The parameters of every list. `cursor` is the `nextCursor` of the page before; never make one up. */
export const listQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  cursor: z.string().min(1).max(1_000).optional(),
});
export type ListQuery = z.infer<typeof listQuerySchema>;

/** PostgreSQL knows no year 0, and no zone that is 16 hours or more away. */
const UNKNOWN_TIME = /^0000|[+-](?:1[6-9]|2\d):?\d\d$/;

/** A time in a query: ISO 8601 with a zone; everything that passes is a time to PostgreSQL, too. */
export const queryTimeSchema = z.iso
  .datetime({ offset: true })
  .refine((text) => !UNKNOWN_TIME.test(text), 'is in no year or zone that can be searched');

/**
 * The answer of a list.
 * @param id the name of the answer in the OpenAPI document, such as `UserPage`
 */
export function pageSchema<T extends z.ZodType>(item: T, id: string) {
  return z
    .object({
      items: z.array(item),
      /** Null on the last page. */
      nextCursor: z.string().nullable(),
      /** When the server looked; ISO 8601, UTC. */
      asOf: z.iso.datetime(),
    })
    .meta({ id });
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly asOf: string;
}

/** Whether the caller may do something now; `reason` is a sentence for people when not. */
export const permissionSchema = z.object({ ok: z.boolean(), reason: z.string().optional() }).meta({ id: 'Permission' });
export type Permission = z.infer<typeof permissionSchema>;
