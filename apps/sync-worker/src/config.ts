import { loadWorkerEnv, type WorkerEnv } from '@astro/runtime';

/** Everything the worker takes from its environment. Nothing behind this reads `process.env`. */
export type WorkerConfig = WorkerEnv;

/** @throws {EnvError} naming every bad variable at once */
export function loadWorkerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  return loadWorkerEnv(env);
}

/** Injection token of {@link WorkerConfig}. */
export const WORKER_CONFIG = Symbol('worker config');
/** Injection token of the `Logger`. */
export const LOG = Symbol('log');
