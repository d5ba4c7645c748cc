import { z } from 'zod';
import { loadEnv } from './env.js';
import { ConnectionUrlError, type LinkSecurity } from './link-security.js';
import { LOG_LEVELS, type LogLevel } from './logger.js';
import { postgresConfig } from './postgres-config.js';
import { redisOptions } from './redis-options.js';

export const WORKER_ROLES = ['capture', 'apply', 'maintenance'] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

/** Where the databases are. Every URL has been checked: it parses, its CA file is readable, its link is permitted. */
export interface Connections {
  /** Null when not set: the catalogue's `source.url` applies. */
  readonly operationsUrl: string | null;
  /** Owner rights for setup; the same as `operationsUrl` unless set. */
  readonly operationsSetupUrl: string | null;
  /** Reads rows for explanations and statistics, never more; null: the API does not look into OperationsDB. */
  readonly operationsReadUrl: string | null;
  readonly systemUrl: string;
  /** Owner rights for migrations; the same as `systemUrl` unless set. */
  readonly systemSetupUrl: string;
  /** The role with which the API signs in to SystemDB; `migrate` gives it its rights. */
  readonly systemApiRole: string;
  readonly cacheUrl: string;
  readonly queueUrl: string;
  /** Spread it into the options of `postgresConfig` and `redisOptions`. */
  readonly link: LinkSecurity;
}

/** What the command line tool and the worker have in common. */
export interface SyncEnv {
  readonly connections: Connections;
  readonly catalogueFile: string;
  readonly logLevel: LogLevel;
}

export interface WorkerEnv extends SyncEnv {
  readonly roles: readonly WorkerRole[];
  readonly host: string;
  readonly port: number;
  /** Days that the ledger keeps what every lane has passed. */
  readonly retentionDays: number;
}

export interface ApiEnv {
  readonly connections: Pick<Connections, 'operationsReadUrl' | 'systemUrl' | 'cacheUrl' | 'queueUrl' | 'link'>;
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  /** Folder of the built web app; null: the API alone. */
  readonly webRoot: string | null;
  /** Where people reach the API; null: the address it listens on. With https, cookies are sent by https alone. */
  readonly publicUrl: string | null;
  /** Addresses of reverse proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Lets monitoring read metrics and health details, also while SystemDB is away; null: API keys and admins alone. */
  readonly monitoringToken: string | null;
  /** Requests that one credential may make per minute. */
  readonly requestsPerMinute: number;
  /** Makes the fixed sign-ins of the demo; never with data of your own. */
  readonly demoSignIns: boolean;
  /** How far runs may go before they stop by themselves; shares are parts of 1. */
  readonly guard: { readonly maxRemovalShare: number; readonly maxDeviationShare: number };
}

/** @throws {EnvError} */
export function loadSyncEnv(env: NodeJS.ProcessEnv): SyncEnv {
  return toSyncEnv(loadEnv(z.object(syncShape(env)), env));
}

/** @throws {EnvError} */
export function loadWorkerEnv(env: NodeJS.ProcessEnv): WorkerEnv {
  const retention = z.coerce.number('must be a number of days').int().min(1).max(3650).default(30);
  const own = {
    WORKER_ROLES: workerRoles,
    HOST: host,
    WORKER_PORT: port.default(3001),
    LEDGER_RETENTION_DAYS: retention,
  };
  const shape = { ...syncShape(env), ...own };
  const parsed = loadEnv(z.object(shape), env);
  return {
    ...toSyncEnv(parsed),
    roles: parsed.WORKER_ROLES,
    host: parsed.HOST,
    port: parsed.WORKER_PORT,
    retentionDays: parsed.LEDGER_RETENTION_DAYS,
  };
}

/** @throws {EnvError} */
export function loadApiEnv(env: NodeJS.ProcessEnv): ApiEnv {
  const { SYSTEM_DATABASE_URL, CACHE_REDIS_URL, QUEUE_REDIS_URL, OPERATIONS_READ_DATABASE_URL, ...shared } =
    syncShape(env);
  const urls = { SYSTEM_DATABASE_URL, CACHE_REDIS_URL, QUEUE_REDIS_URL, OPERATIONS_READ_DATABASE_URL };
  const { TLS_CA_FILE, ALLOW_PLAINTEXT, LOG_LEVEL } = shared;
  const web = {
    HOST: host,
    API_PORT: port.default(3000),
    WEB_ROOT: z.string().optional(),
    ...accessShape(),
    ...guardShape(),
  };
  const parsed = loadEnv(z.object({ ...urls, ...web, TLS_CA_FILE, ALLOW_PLAINTEXT, LOG_LEVEL }), env);
  return {
    connections: {
      operationsReadUrl: parsed.OPERATIONS_READ_DATABASE_URL ?? null,
      systemUrl: parsed.SYSTEM_DATABASE_URL,
      cacheUrl: parsed.CACHE_REDIS_URL,
      queueUrl: parsed.QUEUE_REDIS_URL,
      link: { caFile: parsed.TLS_CA_FILE, allowPlaintext: parsed.ALLOW_PLAINTEXT },
    },
    host: parsed.HOST,
    port: parsed.API_PORT,
    logLevel: parsed.LOG_LEVEL,
    webRoot: parsed.WEB_ROOT ?? null,
    publicUrl: parsed.PUBLIC_URL ?? null,
    trustedProxies: parsed.TRUSTED_PROXIES,
    monitoringToken: parsed.MONITORING_TOKEN ?? null,
    requestsPerMinute: parsed.REQUESTS_PER_MINUTE,
    demoSignIns: parsed.DEMO_SIGN_INS,
    guard: {
      maxRemovalShare: parsed.RUN_MAX_REMOVAL_PERCENT / 100,
      maxDeviationShare: parsed.RUN_MAX_DEVIATION_PERCENT / 100,
    },
  };
}

/** What a run may do that nobody has looked at in a preview, and how far it may leave one. */
function guardShape() {
  const percent = z.coerce.number('must be a percentage').min(0).max(100);
  return { RUN_MAX_REMOVAL_PERCENT: percent.default(5), RUN_MAX_DEVIATION_PERCENT: percent.default(10) };
}

/** Who may use the API, and from where. */
function accessShape() {
  return {
    PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
    TRUSTED_PROXIES: z
      .string()
      .default('')
      .transform((text) => text.split(',').flatMap((address) => address.trim() || []))
      .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'may only hold addresses and networks'))),
    MONITORING_TOKEN: z.string().min(32, 'must have at least 32 characters').max(256).optional(),
    REQUESTS_PER_MINUTE: z.coerce.number('must be a number').int().min(10).max(1_000_000).default(1_200),
    DEMO_SIGN_INS: z
      .enum(['true', 'false'], 'must be true or false')
      .default('false')
      .transform((text) => text === 'true'),
  };
}

const host = z.string().max(255).default('127.0.0.1');
const port = z.coerce.number('must be a port number').int().min(0).max(65_535);

const workerRoles = z
  .string()
  .default(WORKER_ROLES.join(','))
  .transform((text) => text.split(',').map((role) => role.trim()))
  .pipe(z.array(z.enum(WORKER_ROLES, `may only name ${WORKER_ROLES.join(', ')}, separated by commas`)).min(1));

/** The variables of {@link SyncEnv}. URLs are checked one by one, so that one bad value does not hide another. */
function syncShape(env: NodeJS.ProcessEnv) {
  const link = { caFile: env['TLS_CA_FILE'] || undefined, allowPlaintext: env['ALLOW_PLAINTEXT'] === 'true' };
  const postgresUrl = checkedUrl((url) => postgresConfig(url, { ...link, applicationName: 'check' }));
  const redisUrl = checkedUrl((url) => redisOptions(url, { ...link, connectionName: 'check' }));
  return {
    OPERATIONS_DATABASE_URL: postgresUrl.optional(),
    OPERATIONS_SETUP_DATABASE_URL: postgresUrl.optional(),
    OPERATIONS_READ_DATABASE_URL: postgresUrl.optional(),
    SYSTEM_DATABASE_URL: postgresUrl,
    SYSTEM_SETUP_DATABASE_URL: postgresUrl.optional(),
    SYSTEM_API_ROLE: z.string().max(63).default('sync_api'),
    CACHE_REDIS_URL: redisUrl,
    QUEUE_REDIS_URL: redisUrl,
    TLS_CA_FILE: z.string().optional(),
    ALLOW_PLAINTEXT: z
      .enum(['true', 'false'], 'must be true or false')
      .default('false')
      .transform((text) => text === 'true'),
    CATALOGUE_FILE: z.string().default('config/astrobookings.yaml'),
    LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  };
}

/** A URL that `use` accepts; its objection becomes the message. */
function checkedUrl(use: (url: string) => unknown): z.ZodString {
  return z.string().superRefine((url, context) => {
    try {
      use(url);
    } catch (error) {
      if (!(error instanceof ConnectionUrlError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });
}

type SyncVariables = z.output<z.ZodObject<ReturnType<typeof syncShape>>>;

function toSyncEnv(parsed: SyncVariables): SyncEnv {
  return {
    connections: {
      operationsUrl: parsed.OPERATIONS_DATABASE_URL ?? null,
      operationsSetupUrl: parsed.OPERATIONS_SETUP_DATABASE_URL ?? parsed.OPERATIONS_DATABASE_URL ?? null,
      operationsReadUrl: parsed.OPERATIONS_READ_DATABASE_URL ?? null,
      systemUrl: parsed.SYSTEM_DATABASE_URL,
      systemSetupUrl: parsed.SYSTEM_SETUP_DATABASE_URL ?? parsed.SYSTEM_DATABASE_URL,
      systemApiRole: parsed.SYSTEM_API_ROLE,
      cacheUrl: parsed.CACHE_REDIS_URL,
      queueUrl: parsed.QUEUE_REDIS_URL,
      link: { caFile: parsed.TLS_CA_FILE, allowPlaintext: parsed.ALLOW_PLAINTEXT },
    },
    catalogueFile: parsed.CATALOGUE_FILE,
    logLevel: parsed.LOG_LEVEL,
  };
}
