import { EnvError } from './env.js';
import { explainStartError } from './start-error.js';

const names = { program: 'sync-worker', portVariable: 'WORKER_PORT' };

it.each<[string, unknown, string]>([
  [
    'a wrong environment',
    new EnvError([{ key: 'A', message: 'is missing' }]),
    'sync-worker: The environment is not usable:\n  A: is missing',
  ],
  [
    'a port in use',
    Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', port: 3001 }),
    'sync-worker did not start: port 3001 is in use; stop the other program or set WORKER_PORT.',
  ],
  ['a secret', new Error('postgres://u:hunter2@h/d'), 'sync-worker did not start: postgres://u:***@h/d'],
  [
    'no message',
    Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
    'sync-worker did not start: ECONNREFUSED',
  ],
  ['no error at all', 'because', 'sync-worker did not start: because'],
])('explains %s', (_name, error, expected) => {
  expect(explainStartError(error, names)).toBe(expected);
});
