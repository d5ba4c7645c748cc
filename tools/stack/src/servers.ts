import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  CACHE_SETTINGS,
  startPostgres,
  startRedis,
  type Authority,
  type EmbeddedPostgres,
  type EmbeddedRedis,
} from '@astro/embedded';
import { StackError } from './errors.js';
import type { StackPaths } from './paths.js';
import { createDatabase, type Role } from './roles.js';
import { choosePort, password, rememberPort } from './store.js';

/** What servers are started with. */
export interface ServerContext {
  readonly paths: StackPaths;
  readonly tls: Authority;
  readonly announce: (message: string) => void;
  /** Told about every server as soon as it runs, so that it can be stopped and watched. */
  readonly track: (name: string, server: EmbeddedPostgres | EmbeddedRedis) => void;
}

/** An embedded PostgreSQL with its database and roles. */
export interface Database {
  /** The superuser's address of the database. */
  readonly adminUrl: string;
  /** @param role one of those that were made */
  readonly urlFor: (role: string) => string;
}

export const SERVICE_ROLES = ['agency_api', 'booking_api', 'finance_api'] as const;

/** OperationsDB: owned by the platform, read by the worker, written by the platform's services. */
export async function startOperations(context: ServerContext): Promise<Database> {
  return startDatabase(context, 'operations', (role) => ({
    owner: role('astro_owner'),
    // Reads the stream, and every row even where row level security is on (W41).
    // The API only looks, at every row too: what it cannot see it would explain as absent.
    roles: [
      role('sync_worker', 'REPLICATION BYPASSRLS'),
      role('sync_api', 'BYPASSRLS'),
      ...SERVICE_ROLES.map((name) => role(name)),
    ],
  }));
}

/** SystemDB: owned by the migrations, which grant the worker what it writes; the API reads. */
export async function startSystem(context: ServerContext): Promise<Database> {
  const owned = 'ALTER DEFAULT PRIVILEGES FOR ROLE sync_owner GRANT';
  return startDatabase(context, 'system', (role) => ({
    owner: role('sync_owner'),
    roles: [role('sync_worker'), role('sync_api')],
    grants: `${owned} USAGE ON SCHEMAS TO sync_api; ${owned} SELECT ON TABLES TO sync_api`,
  }));
}

interface Access {
  readonly owner: Role;
  readonly roles: readonly Role[];
  readonly grants?: string;
}

async function startDatabase(
  { paths, tls, track }: ServerContext,
  name: string,
  accessFor: (role: (name: string, attributes?: string) => Role) => Access,
): Promise<Database> {
  const dataDir = join(paths.data, name);
  if (existsSync(dataDir) && !existsSync(paths.secrets)) {
    throw new StackError(`The passwords of the data in ${paths.data} are gone (${paths.secrets}). Run: npm run reset`);
  }
  const secret = (role: string) => password(paths, `${name}.${role}`);
  const port = await choosePort(paths, name);
  const logFile = join(paths.logs, `${name}-postgres.log`);
  const server = await startPostgres({ dataDir, port, password: secret('postgres'), tls, logFile });
  track(`PostgreSQL of ${name}`, server);
  rememberPort(paths, name, server.port);
  const role = (roleName: string, attributes = '') => ({ name: roleName, password: secret(roleName), attributes });
  await createDatabase((database) => server.urlFor(database), { name, ...accessFor(role) });
  const urlFor = (roleName: string) => server.urlFor(name, { name: roleName, password: secret(roleName) });
  return { adminUrl: server.urlFor(name), urlFor };
}

/** @returns its address */
export async function startCache(context: ServerContext, name: 'cache' | 'queue'): Promise<string> {
  const { paths, tls, announce, track } = context;
  const server = await startRedis({
    dir: join(paths.data, name),
    port: await choosePort(paths, name),
    password: password(paths, name),
    tls,
    settings: name === 'cache' ? CACHE_SETTINGS : {},
    logFile: join(paths.logs, `${name}-redis.log`),
    announce,
  });
  track(`Redis of ${name}`, server);
  rememberPort(paths, name, server.port);
  return server.url;
}
