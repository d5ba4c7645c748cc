import { parseOrigin, type Origin } from '@astro/sync-core';
import { query, testServers } from '@astro/testing';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { provenanceSql } from './installer-sql.js';
import { triggerSql } from './trigger-sql.js';

/** A committed transaction as a logical replication slot delivers it. */
export interface Recorded {
  /** Contents of its origin messages, in order. */
  readonly messages: readonly string[];
  /** What the reader makes of the last message; undefined when there is none. */
  readonly origin: Origin | undefined;
  /** Row changes and truncates. */
  readonly changes: number;
}

const SLOT_OPTIONS = `'proto_version', '1', 'publication_names', 'recorded', 'messages', 'true'`;
const ROW_KINDS = new Set(['I', 'U', 'D', 'T']);

/** A database of its own in which every change of table `public.t` is recorded. */
export class RecordedDatabase {
  readonly url: string;
  private readonly clients: pg.Client[] = [];
  /** Also the name of the slot. */
  private readonly name = `provenance_${randomBytes(6).toString('hex')}`;

  private constructor(private readonly adminUrl: string) {
    const url = new URL(adminUrl);
    url.pathname = `/${this.name}`;
    this.url = url.href;
  }

  static async create({ encoding = 'UTF8', adminUrl = testServers().operations } = {}): Promise<RecordedDatabase> {
    const recorded = new RecordedDatabase(adminUrl);
    const { name } = recorded;
    await query(adminUrl, `CREATE DATABASE ${name} TEMPLATE template0 LOCALE 'C' ENCODING '${encoding}'`);
    const admin = await recorded.connect();
    await admin.query(provenanceSql());
    await admin.query('CREATE TABLE public.t (id integer PRIMARY KEY, note text)');
    await admin.query(triggerSql({ schema: 'public', name: 't' }));
    await admin.query('CREATE PUBLICATION recorded FOR ALL TABLES');
    await admin.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [name]);
    return recorded;
  }

  /** @param config such as `options`; `user` and `password` replace those of the address */
  async connect({ user, password, ...config }: pg.ClientConfig = {}): Promise<pg.Client> {
    const url = new URL(this.url);
    if (user !== undefined) url.username = user;
    if (typeof password === 'string') url.password = password;
    const client = new pg.Client({ connectionString: url.href, application_name: 'spec', ...config });
    await client.connect();
    this.clients.push(client);
    return client;
  }

  /** What has been committed since the last call, in commit order; each transaction is delivered once. */
  async take(): Promise<readonly Recorded[]> {
    const [client] = this.clients;
    const { rows } = await (client as pg.Client).query<{ xid: string; data: Buffer }>(
      `SELECT xid, data FROM pg_logical_slot_get_binary_changes($1, NULL, NULL, ${SLOT_OPTIONS})`,
      [this.name],
    );
    const transactions = new Map<string, { messages: string[]; changes: number }>();
    for (const { xid, data } of rows) {
      const transaction = transactions.get(xid) ?? { messages: [], changes: 0 };
      transactions.set(xid, transaction);
      const kind = String.fromCharCode(data[0] ?? 0);
      if (ROW_KINDS.has(kind)) transaction.changes++;
      if (kind === 'M') transaction.messages.push(contentOf(data));
    }
    return [...transactions.values()].filter(isVisible).map(toRecorded);
  }

  /** The one transaction since the last call. */
  async takeOne(): Promise<Recorded> {
    const all = await this.take();
    if (all.length === 1) return all[0] as Recorded;
    throw new Error(`Expected one transaction, found ${JSON.stringify(all)}`);
  }

  async drop(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
    await query(this.url, 'SELECT pg_drop_replication_slot($1)', [this.name]);
    await query(this.adminUrl, `DROP DATABASE ${this.name} WITH (FORCE)`);
  }
}

/** DDL shows as a transaction without anything in it. */
function isVisible({ messages, changes }: { messages: readonly string[]; changes: number }): boolean {
  return messages.length > 0 || changes > 0;
}

function toRecorded({ messages, changes }: { messages: string[]; changes: number }): Recorded {
  const last = messages.at(-1);
  return { messages, changes, origin: last === undefined ? undefined : parseOrigin(last) };
}

/** Message: kind, flags (1 = transactional), position, prefix, length, content. */
function contentOf(data: Buffer): string {
  if (data[1] !== 1) throw new Error('The message is not transactional');
  const endOfPrefix = data.indexOf(0, 10);
  const prefix = data.toString('latin1', 10, endOfPrefix);
  if (prefix !== 'sync.origin') throw new Error(`Unknown prefix ${prefix}`);
  return data.toString('utf8', endOfPrefix + 5);
}
