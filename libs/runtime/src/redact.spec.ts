import { isSecretKey, redactJson, redactText, redactUrl } from './redact.js';

describe('redactUrl', () => {
  it.each([
    ['postgres://ana:hunter2@db:5432/x?sslmode=require', 'postgres://ana:***@db:5432/x?sslmode=require'],
    ['rediss://default:hunter2@cache:6379/0', 'rediss://default:***@cache:6379/0'],
    ['redis://:hunter2@cache', 'redis://:***@cache'],
    ['postgres://ana@db/x?password=hunter2', 'postgres://ana@db/x?password=***'],
    ['https://hooks.example/run?api_key=hunter2&a=1', 'https://hooks.example/run?api_key=***&a=1'],
    ['https://hooks.example/run?a=1', 'https://hooks.example/run?a=1'],
    ['postgres://ana:hunt/er2@db/x', 'postgres://[redacted]@db/x'],
    ['postgres://ana:12#hunter2@db/x', 'postgres://[redacted]@db/x'],
    ['postgres://ana:hun@ter2@db/x', 'postgres://ana:***@db/x'],
  ])('%s', (url, expected) => {
    expect(redactUrl(url)).toBe(expected);
  });
});

describe('redactText', () => {
  it.each([
    ['cannot reach postgres://ana:hunter2@db/x, giving up', 'cannot reach postgres://ana:***@db/x, giving up'],
    ["host=db password='hunter2' user=ana", 'host=db password=[redacted] user=ana'],
    ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=[redacted] psql'],
    ['authorization: Bearer hunter2.hunter2', 'authorization: Bearer [redacted]'],
    ['-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----', '[redacted]'],
    ['12 rows passed', '12 rows passed'],
  ])('%s', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });
});

it.each([
  ['password', true],
  ['PGPASSWORD', true],
  ['password_hash', true],
  ['refreshToken', true],
  ['Authorization', true],
  ['x-api-key', true],
  ['set-cookie', true],
  ['secretKey', true],
  ['pass', true],
  ['passed', false],
  ['author', false],
  ['key', false],
  ['position', false],
])('isSecretKey(%s) is %s', (name, expected) => {
  expect(isSecretKey(name)).toBe(expected);
});

it('takes secrets out of nested data and leaves the rest', () => {
  const given = { a: [{ password: 'hunter2', port: 1 }], url: 'redis://:hunter2@h', n: null, ok: true };
  expect(redactJson(given)).toEqual({
    a: [{ password: '[redacted]', port: 1 }],
    url: 'redis://:***@h',
    n: null,
    ok: true,
  });
});
