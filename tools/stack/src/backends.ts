import type { Addresses } from './environment.js';
import type { GivenDatabase, StackOptions } from './options.js';
import { SERVICE_ROLES, startCache, startOperations, startSystem, type ServerContext } from './servers.js';
import type { StackState } from './state.js';
import { together } from './together.js';

/** The four databases, started or given. */
export interface Backends {
  readonly addresses: Addresses;
  readonly databases: StackState['databases'];
  readonly services: StackState['services'];
  /** The owner's address of an OperationsDB of ours, which gets the demo data; null when it is a given one. */
  readonly demoUrl: string | null;
}

/** Starts every server that was not given, all at the same time. */
export async function startBackends(given: StackOptions['given'], context: ServerContext): Promise<Backends> {
  const [operations, system, { cache, queue }] = await together([
    startOperationsBackend(given.operations, context),
    startSystemBackend(given.system, context),
    startCaches(given, context),
  ]);
  return {
    addresses: { operations, system, cache, queue },
    databases: { operations: operations.people, system: system.people, cache, queue },
    services: operations.services,
    demoUrl: operations.demoUrl,
  };
}

async function startOperationsBackend(given: GivenDatabase | null, context: ServerContext) {
  if (given) {
    const read = given.readUrl;
    return { setup: given.setupUrl, worker: given.url, read, people: given.setupUrl, services: {}, demoUrl: null };
  }
  const { adminUrl, urlFor } = await startOperations(context);
  const setup = urlFor('astro_owner');
  const services = Object.fromEntries(SERVICE_ROLES.map((role) => [role, urlFor(role)]));
  const read = urlFor('sync_api');
  return { setup, worker: urlFor('sync_worker'), read, people: adminUrl, services, demoUrl: setup };
}

async function startSystemBackend(given: GivenDatabase | null, context: ServerContext) {
  if (given) return { setup: given.setupUrl, worker: given.url, api: given.url, people: given.setupUrl };
  const { adminUrl, urlFor } = await startSystem(context);
  return { setup: urlFor('sync_owner'), worker: urlFor('sync_worker'), api: urlFor('sync_api'), people: adminUrl };
}

/** One after the other: the first may have to install the server program. */
async function startCaches(given: StackOptions['given'], context: ServerContext) {
  const cache = given.cache ?? (await startCache(context, 'cache'));
  const queue = given.queue ?? (await startCache(context, 'queue'));
  return { cache, queue };
}
