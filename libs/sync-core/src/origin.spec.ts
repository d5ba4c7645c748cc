import { UNKNOWN_ORIGIN, isUnattributed, parseOrigin } from './origin.js';

const asserting = (service: unknown) =>
  parseOrigin(JSON.stringify({ asserted: { service }, observed: { role: 'app' } }));

it.each([
  ['a text', 'BookingAPI', { service: 'BookingAPI' }],
  ['a text of 501 characters', 'x'.repeat(501), { service: 'x'.repeat(500) }],
  ['a zero character, which PostgreSQL cannot store', 'a\0b', { service: 'ab' }],
  ['nothing but a zero character', '\0', {}],
  ['no text', 42, {}],
  ['an empty text', '', {}],
])('takes %s as what can be stored', (_name, service, asserted) => {
  const origin = asserting(service);
  expect(origin).toEqual({ asserted, observed: { role: 'app' } });
  expect(isUnattributed(origin)).toBe(Object.keys(asserted).length === 0);
});

it.each(['', '{', 'null', '[]', '"text"', '{"asserted":[],"observed":7}'])('never fails on %s', (content) => {
  expect(parseOrigin(content)).toEqual(UNKNOWN_ORIGIN);
});
