import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { StackError } from './errors.js';

export const USAGE = `Usage: npm start [-- --catalogue <file>]

Starts OperationsDB, SystemDB, CacheDB, the queue, the API with the web, and the worker.
Each of OPERATIONS_DATABASE_URL, SYSTEM_DATABASE_URL, CACHE_REDIS_URL and QUEUE_REDIS_URL replaces
the server that would be started for it.`;

const DEFAULT_CATALOGUE = 'config/astrobookings.yaml';

/** What a person asked for. */
export interface StackOptions {
  readonly catalogueFile: string;
  /** Servers of their own; null where the stack starts one. */
  readonly given: {
    readonly operations: GivenDatabase | null;
    readonly system: GivenDatabase | null;
    readonly cache: string | null;
    readonly queue: string | null;
  };
  /** Further authorities to trust, for given servers. */
  readonly caFile: string | null;
  readonly host: string;
  /** Null: any free one. */
  readonly apiPort: number | null;
  readonly workerPort: number | null;
}

export interface GivenDatabase {
  readonly url: string;
  /** With the rights of an owner, for setup and migrations. */
  readonly setupUrl: string;
  /** Only of OperationsDB: where the API reads; null when it shall not. */
  readonly readUrl: string | null;
}

export interface Invocation {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Where the command was typed; file names are meant from there. */
  readonly cwd: string;
  readonly root: string;
}

/**
 * @returns null when help was asked for
 * @throws {StackError} for an argument or variable that cannot be used
 */
export function readOptions({ args, env, cwd, root }: Invocation): StackOptions | null {
  const { help, catalogue } = parseArguments(args);
  if (help) return null;
  const named = catalogue ?? (env.CATALOGUE_FILE || undefined);
  const catalogueFile = named === undefined ? resolve(root, DEFAULT_CATALOGUE) : resolve(cwd, named);
  if (!existsSync(catalogueFile)) throw new StackError(`There is no catalogue ${catalogueFile}. Check the file name.`);
  return {
    catalogueFile,
    given: {
      operations: givenDatabase(env, 'OPERATIONS') ?? catalogueSource(catalogueFile, env),
      system: givenDatabase(env, 'SYSTEM'),
      cache: env.CACHE_REDIS_URL || null,
      queue: env.QUEUE_REDIS_URL || null,
    },
    caFile: env.TLS_CA_FILE ? resolve(cwd, env.TLS_CA_FILE) : null,
    host: env.HOST || '127.0.0.1',
    apiPort: readPort(env, 'API_PORT'),
    workerPort: readPort(env, 'WORKER_PORT'),
  };
}

function parseArguments(args: readonly string[]): { help?: boolean; catalogue?: string } {
  try {
    const options = { help: { type: 'boolean' }, catalogue: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new StackError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, { cause: error });
  }
}

function givenDatabase(env: NodeJS.ProcessEnv, name: 'OPERATIONS' | 'SYSTEM'): GivenDatabase | null {
  const url = env[`${name}_DATABASE_URL`];
  if (!url) return null;
  return { url, setupUrl: env[`${name}_SETUP_DATABASE_URL`] || url, readUrl: env[`${name}_READ_DATABASE_URL`] || null };
}

/** The catalogue may name its source. Whether the rest of it is right is checked, and said, by the setup. */
function catalogueSource(file: string, env: NodeJS.ProcessEnv): GivenDatabase | null {
  try {
    const { source } = parse(readFileSync(file, 'utf8')) as { source?: { url?: unknown } };
    if (typeof source?.url !== 'string') return null;
    const { OPERATIONS_SETUP_DATABASE_URL: setupUrl, OPERATIONS_READ_DATABASE_URL: readUrl } = env;
    return { url: source.url, setupUrl: setupUrl || source.url, readUrl: readUrl || null };
  } catch {
    return null;
  }
}

function readPort(env: NodeJS.ProcessEnv, name: string): number | null {
  const text = env[name];
  if (!text) return null;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StackError(`${name}=${text} is not a port; give a number from 1 to 65535, or leave it out.`);
}
