import { problemSchema } from './problem.js';
import { readinessSchema } from './readiness.js';
import { statusSchema } from './status.js';

const component = { name: 'SystemDB', healthy: true, detail: 'Answers in 2 ms.' };

it.each([
  ['a status', statusSchema, { healthy: true, components: [component], asOf: '2026-11-22T10:00:00.000Z' }],
  ['a readiness', readinessSchema, { status: 'not ready', components: [] }],
  [
    'a problem',
    problemSchema,
    {
      type: 'about:blank',
      title: 'Not found',
      status: 404,
      detail: 'x',
      instance: '/a',
      code: 'NOT_FOUND',
      requestId: '1',
    },
  ],
])('takes %s', (_name, schema, value) => {
  expect(schema.parse(value)).toEqual(value);
});

it.each([
  ['a time without zone', statusSchema, { healthy: true, components: [], asOf: '2026-11-22 10:00' }],
  ['a component without detail', readinessSchema, { status: 'ready', components: [{ name: 'x', healthy: true }] }],
  ['another word', readinessSchema, { status: 'ok', components: [] }],
  ['a problem with status 200', problemSchema, { status: 200 }],
])('refuses %s', (_name, schema, value) => {
  expect(schema.safeParse(value).success).toBe(false);
});
