import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backends } from './backends.js';
import { DEMO_SIGN_INS } from './sign-ins.js';
import { childEnvironment, type Environment, type Environments } from './environment.js';
import { explain } from './errors.js';
import { Service } from './service.js';
import type { StackPaths } from './paths.js';
import type { StackState } from './state.js';
import { writeJson } from './store.js';

export interface ServicesContext {
  readonly root: string;
  readonly paths: StackPaths;
  readonly backends: Backends;
  readonly environments: Environments;
  readonly say: (message: string) => void;
  /** Prepares the source; the worker starts after it, the API beside it. */
  readonly setUp: () => Promise<void>;
  /** Ends the waiting for readiness. */
  readonly signal: AbortSignal;
  readonly onStop: (stop: () => Promise<void>) => void;
}

/** Longer than the `SHUTDOWN_DEADLINE_MS` of the programs. */
const STOP_DEADLINE_MS = 15_000;

/**
 * Starts the API and the worker, keeps them running, and keeps the state file that other commands read.
 * @returns the address of the web, once both are ready
 */
export async function startServices(context: ServicesContext): Promise<string> {
  const { environments, say, signal, onStop, setUp } = context;
  const web = addressOf(environments.api, 'API_PORT');
  const services: Service[] = [];
  const save = () => {
    try {
      writeJson(context.paths.state, stateOf(context, web, services));
    } catch (error) {
      say(`What runs could not be written down for other commands. ${explain(error)}`);
    }
  };
  const start = (name: 'system-api' | 'sync-worker') => {
    signal.throwIfAborted();
    const service = createService(context, name, save);
    services.push(service);
    onStop(() => service.stop());
    service.start();
  };
  start('system-api');
  await setUp();
  start('sync-worker');
  const untilReady = async (service: Service) => {
    await service.untilReady(signal);
    say(`${service.name} is ready`);
  };
  await Promise.all(services.map(untilReady));
  return web;
}

function createService(context: ServicesContext, name: 'system-api' | 'sync-worker', onStart: () => void): Service {
  const { root, paths, environments, say } = context;
  const [env, portName] = name === 'system-api' ? [environments.api, 'API_PORT'] : [environments.worker, 'WORKER_PORT'];
  return new Service({
    name,
    command: [...nodeOptions(root, name), join(root, 'dist/apps', name, 'main.js')],
    env: childEnvironment(process.env, env),
    logFile: join(paths.logs, `${name}.log`),
    readyUrl: `${addressOf(env, portName)}/health/ready`,
    readyToken: environments.api['MONITORING_TOKEN'] ?? '',
    stopDeadlineMs: STOP_DEADLINE_MS,
    say,
    onStart,
  });
}

/** The worker's memory limits; a program without a file of its own needs none. */
function nodeOptions(root: string, name: string): readonly string[] {
  const file = join(root, 'apps', name, 'node-options.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [];
}

function stateOf(
  { paths, backends, environments }: ServicesContext,
  web: string,
  services: readonly Service[],
): StackState {
  return {
    web,
    api: `${web}/api/v1`,
    databases: backends.databases,
    services: backends.services,
    caFile: paths.caBundle,
    env: environments.tool,
    monitoringToken: environments.api['MONITORING_TOKEN'] ?? '',
    signIns: environments.api['DEMO_SIGN_INS'] === 'true' ? DEMO_SIGN_INS : [],
    children: services.map(({ name, pid, readyUrl }) => ({ name, pid: pid ?? 0, ready: readyUrl })),
  };
}

/** Where a program is reached from this machine; one that listens everywhere is reached on the loopback address. */
function addressOf(env: Environment, portName: string): string {
  const host = env['HOST'] ?? '';
  const reachable = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${env[portName]}`;
}
