import { z } from 'zod';

const table = z.object({ schema: z.string(), name: z.string() });
const name = z.string();

const base = {
  name,
  target: z.discriminatedUnion('endpoint', [
    z.object({ endpoint: z.literal('cache'), keyPrefix: z.string() }),
    z.object({ endpoint: z.literal('system') }),
  ]),
  schedule: z.object({ cron: z.string(), timeZone: z.string() }).nullable(),
};

/** What a worker has published of a data set: its entry in the catalogue, keys filled in. */
export const definitionSchema = z.discriminatedUnion('kind', [
  z.object({
    ...base,
    kind: z.literal('flat'),
    tables: z.array(
      z.object({
        source: table,
        target: table.nullable(),
        keyColumns: z.array(name),
        columns: z.array(name).nullable(),
      }),
    ),
  }),
  z.object({
    ...base,
    kind: z.literal('joined'),
    root: table,
    keyColumns: z.array(name),
    query: z.string(),
    nested: z.array(name),
    reads: z.array(
      z.object({
        table,
        via: z.union([z.object({ column: name }), z.object({ query: z.string(), of: name })]),
      }),
    ),
  }),
]);
export type Definition = z.infer<typeof definitionSchema>;

/** Null for one that another version of the worker has written, or none. */
export function parseDefinition(value: unknown): Definition | null {
  const parsed = definitionSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
