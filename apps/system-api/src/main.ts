import 'reflect-metadata';
import { createLogger, loadApiEnv, reportStartError, Shutdown } from '@astro/runtime';
import { startApi } from './server.js';

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

main().catch((error: unknown) => {
  reportStartError(error, NAMES);
  process.exit(1);
});
