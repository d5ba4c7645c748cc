import { isTransientPostgresError, isTransientRedisError } from './transient-errors.js';

const coded = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code });
const named = (name: string): Error => Object.assign(new Error('x'), { name });

it.each<[string, unknown, boolean]>([
  ['connection refused', coded('ECONNREFUSED'), true],
  ['connection reset', coded('ECONNRESET'), true],
  ['all addresses refused', new AggregateError([coded('ECONNREFUSED')], ''), true],
  ['wrapped by another error', new Error('query failed', { cause: coded('57P01') }), true],
  ['connection failure', coded('08006'), true],
  ['connection does not exist', coded('08003'), true],
  ['administrator shutdown', coded('57P01'), true],
  ['crash shutdown', coded('57P02'), true],
  ['cannot connect now', coded('57P03'), true],
  ['too many connections', coded('53300'), true],
  ['disk full', coded('53100'), true],
  ['serialization failure', coded('40001'), true],
  ['deadlock', coded('40P01'), true],
  ['slot still active', coded('55006'), true],
  ['lock not available', coded('55P03'), true],
  ['read-only standby', coded('25006'), true],
  ['terminated, without a code', new Error('Connection terminated unexpectedly'), true],
  ['pool timeout', new Error('timeout exceeded when trying to connect'), true],
  ['wrong password', coded('28P01'), false],
  ['no such table', coded('42P01'), false],
  ['unique violation', coded('23505'), false],
  ['database dropped', coded('57P04'), false],
  ['untrusted certificate', coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), false],
  ['server without TLS', new Error('The server does not support SSL connections'), false],
  ['a code beats the text', coded('42601', 'Connection terminated unexpectedly'), false],
  ['not an error', 'ECONNRESET', false],
  ['nothing', undefined, false],
])('PostgreSQL: %s', (_name, error, expected) => {
  expect(isTransientPostgresError(error)).toBe(expected);
});

it.each<[string, unknown, boolean]>([
  ['connection refused', coded('ECONNREFUSED'), true],
  ['read-only replica', new Error("READONLY You can't write against a read only replica."), true],
  ['loading', new Error('LOADING Redis is loading the dataset in memory'), true],
  ['cluster down', new Error('CLUSTERDOWN The cluster is down'), true],
  ['full', new Error("OOM command not allowed when used memory > 'maxmemory'."), true],
  ['script running', new Error('BUSY Redis is busy running a script.'), true],
  ['cannot persist', new Error('MISCONF Redis is configured to save RDB snapshots'), true],
  ['too many clients', new Error('ERR max number of clients reached'), true],
  ['closed', new Error('Connection is closed.'), true],
  ['gave up', named('MaxRetriesPerRequestError'), true],
  ['command timeout', new Error('Command timed out'), true],
  ['wrong password', new Error('WRONGPASS invalid username-password pair'), false],
  ['not permitted', new Error('NOPERM this user has no permissions'), false],
  ['wrong type', new Error('WRONGTYPE Operation against a key'), false],
  ['no group', new Error('NOGROUP No such key'), false],
  ['script error', new Error('ERR user_script:1: x'), false],
  ['untrusted certificate', coded('SELF_SIGNED_CERT_IN_CHAIN'), false],
])('Redis: %s', (_name, error, expected) => {
  expect(isTransientRedisError(error)).toBe(expected);
});

it('survives an error that is its own cause', () => {
  const error = new Error('x');
  error.cause = error;
  expect(isTransientPostgresError(error)).toBe(false);
});
