import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { formatProblem, parseCatalogue } from '@astro/catalogue';
import { postgresConfig } from '@astro/runtime';
import { createDatabase, query, testServers } from '@astro/testing';
import { preflight, type PreflightOptions } from './preflight.js';

/** A database of its own with a connection as superuser and one as a role that may only capture. */
export interface TestSource {
  readonly admin: Client;
  readonly worker: Client;
  readonly workerRole: string;
  /** An address for `workerRole`. */
  readonly workerUrl: string;
  /** A further connection as superuser; closed by `drop`. */
  connect(): Promise<Client>;
  /** Runs statements as superuser. */
  sql(statements: string): Promise<void>;
  drop(): Promise<void>;
}

const PASSWORD = 'worker-password';

export async function openSource(prefix: string, adminUrl = testServers().operations): Promise<TestSource> {
  const database = await createDatabase(adminUrl, prefix);
  const workerRole = `${prefix}_worker_${randomBytes(4).toString('hex')}`;
  const admin = await open(database.url);
  await admin.query(`CREATE ROLE ${workerRole} LOGIN REPLICATION PASSWORD '${PASSWORD}'`);
  const url = new URL(database.url);
  url.username = workerRole;
  url.password = PASSWORD;
  const clients = [admin, await open(url.href)];
  return {
    admin,
    worker: clients[1]!,
    workerRole,
    workerUrl: url.href,
    async connect() {
      const client = await open(database.url);
      clients.push(client);
      return client;
    },
    sql: async (statements) => void (await admin.query(statements)),
    async drop() {
      await admin.query(`DROP OWNED BY ${workerRole}`);
      for (const client of clients) await client.end();
      await database.drop();
      await query(adminUrl, `DROP ROLE ${workerRole}`);
    },
  };
}

async function open(url: string): Promise<Client> {
  const { caFile } = testServers();
  const client = new Client(postgresConfig(url, { applicationName: 'preflight-spec', caFile }));
  client.on('error', () => undefined); // dropping the database ends sessions
  await client.connect();
  return client;
}

export interface Lines {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** What the preflight says about a catalogue, as people read it. */
export async function preflightLines(client: Client, yaml: string, options?: PreflightOptions): Promise<Lines> {
  const { problems, warnings } = await preflight(client, parseCatalogue(yaml, 'c.yaml'), options);
  return { problems: problems.map(formatProblem), warnings: warnings.map(formatProblem) };
}

/** A catalogue with one flat data set; `entry` stands at line 6, column 14. */
export function flat(entry: string, to: 'cache' | 'system' = 'cache'): string {
  return `version: 1\ndataSets:\n  rows:\n    from: operations\n    to: ${to}\n    tables: [${entry}]\n`;
}
