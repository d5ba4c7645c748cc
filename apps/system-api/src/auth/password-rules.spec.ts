import { objectionTo } from './password-rules.js';

const ANA = { email: 'ana.garcia@starcargo.example', name: 'Ana García' };
const COMMON = 'is one of those that are tried first; choose another';
const OWN = 'must not be your name, your address or the name of this system';
const RUN = 'must not be a row of neighbouring characters';
const REPEATED = 'must not repeat the same few characters';

it.each<[string, string, string | null]>([
  ['seven characters', 'x9!kQz2', 'must have at least 8 characters'],
  ['seven characters of two code units', '🚀🛰🪐🌍🌕⭐☄', 'must have at least 8 characters'],
  ['eight characters', 'x9kqz2vm', null],
  ['lower case alone', 'correct horse battery', null],
  ['spaces and other scripts', 'пароль из слов и ночи', null],
  ['64 characters', 'k3'.concat('vmxqz7wd'.repeat(8)).slice(0, 64), null],
  ['256 characters', `a1${'xkqvz7wd2m'.repeat(26)}`.slice(0, 256), null],
  ['257 characters', `a1${'xkqvz7wd2m'.repeat(26)}`.slice(0, 257), 'must have at most 256 characters'],
  ['the first of every list', 'password', COMMON],
  ['in capitals', 'PASSWORD', COMMON],
  ['with digits', 'password2026', COMMON],
  ['with signs', 'Sunshine!!', COMMON],
  ['with digits before', '123monkey', COMMON],
  ['in disguise', 'P@ssw0rd1!', COMMON],
  ['of digits', '147258369', COMMON],
  ['of a keyboard', '1qaz2wsx', COMMON],
  ['a short one made longer', 'dragon12', COMMON],
  ['a short one that is much longer now', 'dragon12-kettle-94', null],
  ['neighbours on the keyboard', 'sdfghjkl', RUN],
  ['the alphabet', 'hijklmnop', RUN],
  ['digits backwards', '76543210', RUN],
  ['one character', 'zzzzzzzzzz', REPEATED],
  ['two characters', 'xyxyxyxyx', REPEATED],
  ['four characters', 'k7q!k7q!k7', REPEATED],
  ['the address', 'ana.garcia@starcargo.example', OWN],
  ['the name', 'García2026', OWN],
  ['the company', 'starcargo1', OWN],
  ['this system', 'AstroBookings1!', OWN],
])('%s: %s', (_name, password, objection) => {
  expect(objectionTo(password, ANA)).toBe(objection);
});
