import { z } from 'zod';

/** Lets people write one text where a list is expected. */
const listOfText = z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(z.string()).min(1));

const flatTable = z.preprocess(
  (value) => (typeof value === 'string' ? { table: value } : value),
  z.strictObject({
    table: z.string(),
    into: z.string().optional(),
    columns: listOfText.optional(),
    key: listOfText.optional(),
  }),
);

const read = z.strictObject({
  table: z.string(),
  column: z.string().optional(),
  of: z.string().optional(),
  query: z.string().optional(),
});

const dataSet = z.strictObject({
  from: z.enum(['operations']),
  to: z.enum(['cache', 'system']),
  mode: z.enum(['realtime', 'scheduled']).default('realtime'),
  schedule: z.strictObject({ cron: z.string(), timeZone: z.string().default('UTC') }).optional(),
  tables: z.array(flatTable).min(1).optional(),
  root: z.string().optional(),
  key: listOfText.optional(),
  query: z.string().optional(),
  nested: listOfText.optional(),
  reads: z.array(read).optional(),
  cache: z
    .strictObject({
      keyPrefix: z.string().optional(),
      compressOverBytes: z.int().min(0).max(536_870_912).nullable().default(null),
    })
    .optional(),
  maxAtomicRows: z.int().min(1).max(1_000_000).default(10_000),
  chunkRows: z.int().min(1).max(100_000).default(20_000),
});

const DEFAULT_NAME = 'astro_sync';

const source = z.preprocess(
  (value) => value ?? {}, // a section whose lines are all commented out
  z.strictObject({
    url: z.string().optional(),
    publication: z.string().default(DEFAULT_NAME),
    slot: z.string().default(DEFAULT_NAME),
  }),
);

/** The shape of the file. What its parts mean together is checked in `rules/`. */
export const catalogueSchema = z.strictObject({
  version: z.literal(1),
  source,
  dataSets: z.record(z.string(), dataSet),
});

export type CatalogueShape = z.infer<typeof catalogueSchema>;
export type DataSetShape = z.infer<typeof dataSet>;
export type FlatTableShape = z.infer<typeof flatTable>;
export type ReadShape = z.infer<typeof read>;

/** The settings that exist at each level, for "did you mean"; `*` stands for any name or index. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(catalogueSchema.shape),
  source: ['url', 'publication', 'slot'],
  'dataSets.*': Object.keys(dataSet.shape),
  'dataSets.*.schedule': ['cron', 'timeZone'],
  'dataSets.*.cache': ['keyPrefix', 'compressOverBytes'],
  'dataSets.*.tables.*': ['table', 'into', 'columns', 'key'],
  'dataSets.*.reads.*': Object.keys(read.shape),
};

/** The settings that may stand at this path of the file. */
export function settingsAt(path: readonly PropertyKey[]): readonly string[] {
  const pattern = path.map((part, index) => (index === 1 || typeof part === 'number' ? '*' : String(part)));
  return SETTINGS[pattern.join('.')] ?? [];
}
