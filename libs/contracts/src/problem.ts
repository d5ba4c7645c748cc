import { z } from 'zod';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** Every error of the API (RFC 9457). */
export const problemSchema = z
  .object({
    /** Names the kind of problem; `about:blank` when the status says it all. */
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    /** The path that was asked for. */
    instance: z.string(),
    /** For programs: stays the same when the wording changes. */
    code: z.string(),
    /** Find the request in the log by it. */
    requestId: z.string(),
    /** Which parts of the request are wrong, as JSON pointers. */
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;
