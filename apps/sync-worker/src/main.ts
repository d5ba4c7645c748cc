import 'reflect-metadata';
import { createLogger, reportStartError, Shutdown } from '@astro/runtime';
import { loadWorkerConfig } from './config.js';
import { startWorker } from './worker.js';

const NAMES = { program: 'sync-worker', portVariable: 'WORKER_PORT' };
const SHUTDOWN_DEADLINE_MS = 10_000;

async function main(): Promise<void> {
  const config = loadWorkerConfig(process.env);
  const log = createLogger(NAMES.program, { level: config.logLevel });
  const shutdown = new Shutdown({ log, deadlineMs: SHUTDOWN_DEADLINE_MS });
  shutdown.onSignals();
  const worker = await startWorker(config, log);
  shutdown.add('stop being ready', () => worker.drain());
  shutdown.add('stop the work', () => worker.stop());
  shutdown.add('close the health server', () => worker.close());
  log.info({ event: 'worker.started', roles: config.roles, url: worker.url }, `health on ${worker.url}/health/ready`);
}

main().catch((error: unknown) => {
  reportStartError(error, NAMES);
  process.exit(1);
});
