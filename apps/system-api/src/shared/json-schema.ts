import { z } from 'zod';

/** A schema as OpenAPI 3.1 takes it: JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What callers send, or what the server answers: they differ where a schema has defaults or transforms. */
export type Direction = 'input' | 'output';

export interface ConvertedSchema {
  /** A reference when the schema has an id. */
  readonly schema: JsonSchema;
  /** Every schema with an id that it uses, itself included, by its name in the document. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

const DEFS = '#/$defs/';
const COMPONENTS = '#/components/schemas/';

/**
 * Converts a zod schema. Schemas with an id (`.meta({ id })`) become components; one whose input differs from its
 * output is named `…Input` where it is an input.
 */
export function toJsonSchema(schema: z.ZodType, direction: Direction): ConvertedSchema {
  const { $defs: components, ...root } = convert(schema, direction);
  if (direction === 'output') return renamed(root, components, (name) => name);
  const { $defs: outputs } = convert(schema, 'output');
  const differing = namesThatDiffer(components, outputs);
  return renamed(root, components, (name) => (differing.has(name) ? `${name}Input` : name));
}

interface Converted extends Record<string, unknown> {
  readonly $defs: Readonly<Record<string, JsonSchema>>;
}

function convert(schema: z.ZodType, io: Direction): Converted {
  const options = { target: 'draft-2020-12', io, unrepresentable: 'any', override: tidy } as const;
  const { $schema: _schema, ...converted } = z.toJSONSchema(schema, options) as Record<string, unknown>;
  return { ...converted, $defs: (converted['$defs'] ?? {}) as Converted['$defs'] };
}

/** Takes out what is true but tells a reader nothing. */
function tidy({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Record<string, unknown> }): void {
  const { def } = zodSchema._zod;
  const isStrict = def.type === 'object' && def.catchall?._zod.def.type === 'never';
  // Clients must bear fields that a later version adds.
  if (!isStrict && jsonSchema['additionalProperties'] === false) delete jsonSchema['additionalProperties'];
  if (jsonSchema['format'] !== undefined) delete jsonSchema['pattern'];
  if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
  if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
  delete jsonSchema['id'];
}

/** A name differs also when something that it uses differs. */
function namesThatDiffer(inputs: Converted['$defs'], outputs: Converted['$defs']): ReadonlySet<string> {
  const names = Object.keys(inputs);
  const isOther = (name: string) => JSON.stringify(inputs[name]) !== JSON.stringify(outputs[name]);
  const differing = new Set(names.filter(isOther));
  const uses = (name: string) =>
    [...differing].some((used) => JSON.stringify(inputs[name]).includes(`"${DEFS}${used}"`));
  for (let before = -1; before !== differing.size;) {
    before = differing.size;
    for (const name of names) if (uses(name)) differing.add(name);
  }
  return differing;
}

function renamed(root: JsonSchema, components: Converted['$defs'], nameOf: (name: string) => string): ConvertedSchema {
  const rename = (schema: JsonSchema): JsonSchema =>
    JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
      key === '$ref' && typeof value === 'string' && value.startsWith(DEFS)
        ? COMPONENTS + nameOf(value.slice(DEFS.length))
        : value,
    ) as JsonSchema;
  const entries = Object.entries(components).map(([name, schema]) => [nameOf(name), rename(schema)] as const);
  return { schema: rename(root), components: Object.fromEntries(entries) };
}
