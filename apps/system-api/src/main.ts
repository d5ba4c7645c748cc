import 'reflect-metadata';
import { createLogger, createPool, loadApiEnv, postgresConfig, reportStartError, Shutdown } from '@astro/runtime';
import { PasswordHasher } from './auth/password-hasher.js';
import { startApi } from './server.js';
import { createFirstUsers, firstAdminText } from './users/first-users.js';

const NAMES = { program: 'system-api', portVariable: 'API_PORT' };
const SHUTDOWN_DEADLINE_MS = 10_000;

async function main(): Promise<void> {
  const env = loadApiEnv(process.env);
  const log = createLogger(NAMES.program, { level: env.logLevel });
  const shutdown = new Shutdown({ log, deadlineMs: SHUTDOWN_DEADLINE_MS });
  shutdown.onSignals();
  const api = await startApi(env, log);
  shutdown.add('stop being ready', () => api.drain());
  shutdown.add('close HTTP and connections', () => api.close());
  log.info({ event: 'api.started', url: api.url }, `system-api listens on ${api.url}`);
}

/** `main.js first-admin`: makes the first administrator while there is no user, says so once, and ends. */
async function firstAdmin(): Promise<void> {
  const env = loadApiEnv(process.env);
  const { systemUrl, link } = env.connections;
  const config = postgresConfig(systemUrl, { ...link, applicationName: NAMES.program });
  const pool = createPool(config, createLogger(NAMES.program, { level: 'silent' }));
  try {
    const admin = await createFirstUsers(pool, { hasher: new PasswordHasher(), demo: env.demoSignIns });
    if (admin) console.log(firstAdminText(admin));
  } finally {
    await pool.end();
  }
}

const run = process.argv[2] === 'first-admin' ? firstAdmin : main;
run().catch((error: unknown) => {
  reportStartError(error, NAMES);
  process.exit(1);
});
