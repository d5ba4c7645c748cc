import { storableJson } from './storable-json.js';

it.each([
  ['NUL', 'a\u0000b', 'a\ufffdb'],
  ['the first half of a character', 'a\ud83e', 'a\ufffd'],
  ['the second half', '\udd42b', '\ufffdb'],
  ['a whole character', '🥂', '🥂'],
  ['what only looks like an escape', 'a\\u0000 \\ud83e', 'a\\u0000 \\ud83e'],
  ['a backslash before NUL', '\\\u0000', '\\\ufffd'],
  ['other escapes', '"\n\t\u0001', '"\n\t\u0001'],
])('keeps all but what cannot be stored: %s', (_name, text, stored) => {
  expect(JSON.parse(storableJson({ text }))).toEqual({ text: stored });
});
