import { z } from 'zod';
import { loadApiEnv, loadSyncEnv, loadWorkerEnv } from './connection-env.js';
import { EnvError, loadEnv } from './env.js';

const PLAIN = {
  ALLOW_PLAINTEXT: 'true',
  OPERATIONS_DATABASE_URL: 'postgres://u:s3cret@h/operations',
  SYSTEM_DATABASE_URL: 'postgres://u:s3cret@h/system',
  CACHE_REDIS_URL: 'redis://h:1',
  QUEUE_REDIS_URL: 'redis://h:2',
};

function problemsOf(load: () => unknown): Record<string, string> {
  try {
    load();
  } catch (error) {
    if (error instanceof EnvError) return Object.fromEntries(error.problems.map((p) => [p.key, p.message]));
    throw error;
  }
  throw new Error('expected an EnvError');
}

it('names every bad variable at once and never its value', () => {
  const problems = problemsOf(() =>
    loadWorkerEnv({
      SYSTEM_DATABASE_URL: 'postgres://u:s3cret@h/d',
      CACHE_REDIS_URL: 'redis://:s3cret@h',
      WORKER_ROLES: 'capture,cook',
      WORKER_PORT: '99999',
      LOG_LEVEL: 'loud',
    }),
  );
  expect(Object.keys(problems).sort()).toEqual(
    ['CACHE_REDIS_URL', 'LOG_LEVEL', 'QUEUE_REDIS_URL', 'SYSTEM_DATABASE_URL', 'WORKER_PORT', 'WORKER_ROLES'].sort(),
  );
  expect(problems['QUEUE_REDIS_URL']).toBe('is missing');
  expect(problems['SYSTEM_DATABASE_URL']).toContain('ALLOW_PLAINTEXT=true');
  expect(JSON.stringify(problems)).not.toContain('s3cret');
});

it('fills defaults and lets the setup URLs follow the others', () => {
  const env = loadWorkerEnv(PLAIN);
  expect(env).toMatchObject({
    host: '127.0.0.1',
    port: 3001,
    logLevel: 'info',
    roles: ['capture', 'apply', 'maintenance'],
  });
  expect(env.catalogueFile).toBe('config/astrobookings.yaml');
  expect(env.connections.systemSetupUrl).toBe(PLAIN.SYSTEM_DATABASE_URL);
  expect(env.connections.operationsSetupUrl).toBe(PLAIN.OPERATIONS_DATABASE_URL);
  expect(env.connections.link).toEqual({ caFile: undefined, allowPlaintext: true });
});

it('counts an empty variable as absent', () => {
  const { connections } = loadSyncEnv({ ...PLAIN, OPERATIONS_DATABASE_URL: '', TLS_CA_FILE: '' });
  expect(connections.operationsUrl).toBeNull();
  expect(connections.link.caFile).toBeUndefined();
});

it('reads the roles of a worker', () => {
  expect(loadWorkerEnv({ ...PLAIN, WORKER_ROLES: 'apply, maintenance' }).roles).toEqual(['apply', 'maintenance']);
});

it('asks of the API only what it needs', () => {
  const { OPERATIONS_DATABASE_URL: _operations, ...env } = PLAIN;
  expect(loadApiEnv({ ...env, API_PORT: '8080' })).toMatchObject({ port: 8080, webRoot: null });
});

it('loads any schema', () => {
  const schema = z.object({ SIZE: z.coerce.number().int().min(1) });
  expect(loadEnv(schema, { SIZE: '3' })).toEqual({ SIZE: 3 });
  expect(() => loadEnv(schema, {})).toThrow('The environment is not usable:\n  SIZE: is missing');
});
