import type { StackOptions } from './options.js';

/** Where the databases are, for each of those who use them. */
export interface Addresses {
  readonly operations: { readonly setup: string; readonly worker: string; readonly read: string | null };
  readonly system: { readonly setup: string; readonly worker: string; readonly api: string };
  readonly cache: string;
  readonly queue: string;
}

export interface EnvironmentInput {
  readonly options: StackOptions;
  readonly addresses: Addresses;
  readonly caFile: string;
  readonly apiPort: number;
  readonly workerPort: number;
  readonly webRoot: string;
  /** Lets the stack ask the API how it is. */
  readonly monitoringToken: string;
}

export type Environment = Readonly<Record<string, string>>;

export interface Environments {
  /** The command line tool, which sets up and migrates. */
  readonly tool: Environment;
  readonly worker: Environment;
  readonly api: Environment;
}

/** Passwords that everybody knows are for data that the stack made itself, never for somebody's own. */
export function isDemo({ given }: StackOptions): boolean {
  return given.operations === null && given.system === null && given.cache === null;
}

/** What each program is told. The worker and the API get no address with the rights of an owner. */
export function environments(input: EnvironmentInput): Environments {
  const { options, addresses, caFile } = input;
  const { operations, system, cache, queue } = addresses;
  const shared = { CACHE_REDIS_URL: cache, QUEUE_REDIS_URL: queue, TLS_CA_FILE: caFile };
  const worker = {
    ...shared,
    OPERATIONS_DATABASE_URL: operations.worker,
    SYSTEM_DATABASE_URL: system.worker,
    CATALOGUE_FILE: options.catalogueFile,
  };
  const read = operations.read === null ? {} : { OPERATIONS_READ_DATABASE_URL: operations.read };
  const owner = { OPERATIONS_SETUP_DATABASE_URL: operations.setup, SYSTEM_SETUP_DATABASE_URL: system.setup };
  const api = {
    ...shared,
    ...read,
    SYSTEM_DATABASE_URL: system.api,
    WEB_ROOT: input.webRoot,
    MONITORING_TOKEN: input.monitoringToken,
    DEMO_SIGN_INS: String(isDemo(options)),
  };
  const apiRole = decodeURIComponent(new URL(system.api).username);
  return {
    tool: { ...worker, ...owner, ...read, ...(apiRole !== '' && { SYSTEM_API_ROLE: apiRole }) },
    worker: { ...worker, HOST: options.host, WORKER_PORT: String(input.workerPort) },
    api: { ...api, HOST: options.host, API_PORT: String(input.apiPort) },
  };
}

const OWN_VARIABLE =
  /_DATABASE_URL$|_REDIS_URL$|^(TLS_CA_FILE|CATALOGUE_FILE|HOST|API_PORT|WORKER_PORT|WEB_ROOT|MONITORING_TOKEN|DEMO_SIGN_INS|SYSTEM_API_ROLE)$/;

/** The environment of a program: this process's own, without what {@link environments} decides, and then that. */
export function childEnvironment(base: NodeJS.ProcessEnv, own: Environment): NodeJS.ProcessEnv {
  const kept = Object.entries(base).filter(([name]) => !OWN_VARIABLE.test(name));
  return { NODE_ENV: 'production', ...Object.fromEntries(kept), ...own };
}
