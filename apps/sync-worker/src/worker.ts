import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { frameworkLogger, type Logger } from '@astro/runtime';
import { WorkerModule, type WorkerParts } from './app.module.js';
import { type WorkerConfig } from './config.js';
import { prepareWhenReachable } from './engine/prepare.js';
import { HealthRegistry } from './health/health-registry.js';
import { HealthServer } from './health/health-server.js';
import { WorkerMetrics } from './health/worker-metrics.js';

export interface RunningWorker {
  /** Of the health server, such as `http://127.0.0.1:3001`. */
  readonly url: string;
  /** From now on not ready. */
  drain(): void;
  /** Ends every role: stop taking work, finish or give back what is in flight, close clients. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the health server first, so that a start that takes long can be watched, then the roles.
 * @throws {SyncError} when a role cannot start
 */
export async function startWorker(config: WorkerConfig, log: Logger): Promise<RunningWorker> {
  const health = new HealthRegistry(log);
  const metrics = new WorkerMetrics(health);
  const server = new HealthServer(health, metrics);
  await server.listen(config.port, config.host);
  const app = await startRoles({ config, log, health, metrics }).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  health.started();
  return {
    url: server.url,
    drain: () => health.drain(),
    stop: () => app.close(),
    close: () => server.close(),
  };
}

/** Nothing connects for good before everything has been examined: a refusal is then the only thing that is said. */
async function startRoles(parts: Omit<WorkerParts, 'prepared'>): Promise<INestApplicationContext> {
  const { config, log, health } = parts;
  const prepared = await prepareWhenReachable(config, log, health);
  return NestFactory.createApplicationContext(WorkerModule.of({ ...parts, prepared }), {
    logger: frameworkLogger(log),
    abortOnError: false,
  });
}
