import { z } from 'zod';
import { toJsonSchema } from './json-schema.js';

const inner = z.object({ at: z.iso.datetime(), count: z.int() }).meta({ id: 'Inner' });

it('makes components of schemas with an id, and refers to them', () => {
  const outer = z.object({ inner, list: z.array(inner) }).meta({ id: 'Outer' });
  const { schema, components } = toJsonSchema(outer, 'output');
  expect(schema).toEqual({ $ref: '#/components/schemas/Outer' });
  expect(components).toEqual({
    Inner: {
      type: 'object',
      properties: { at: { type: 'string', format: 'date-time' }, count: { type: 'integer' } },
      required: ['at', 'count'],
    },
    Outer: {
      type: 'object',
      properties: {
        inner: { $ref: '#/components/schemas/Inner' },
        list: { type: 'array', items: { $ref: '#/components/schemas/Inner' } },
      },
      required: ['inner', 'list'],
    },
  });
});

it('names an input apart only where it differs from the output, also by what it uses', () => {
  const withDefault = z.object({ a: z.string().default('x') }).meta({ id: 'WithDefault' });
  const using = z.object({ b: withDefault, inner }).meta({ id: 'Using' });
  expect(Object.keys(toJsonSchema(using, 'input').components).sort()).toEqual([
    'Inner',
    'UsingInput',
    'WithDefaultInput',
  ]);
  expect(Object.keys(toJsonSchema(using, 'output').components).sort()).toEqual(['Inner', 'Using', 'WithDefault']);
});

it('says of strict objects that nothing else may stand in them', () => {
  expect(toJsonSchema(z.strictObject({ a: z.string() }), 'input').schema).toMatchObject({
    additionalProperties: false,
  });
});
