import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { postgresConfig, type LinkSecurity } from '@astro/runtime';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { demoSize, demoTables, type DemoRow, type DemoTable } from './generator/demo-data.js';

export interface LoadOptions {
  /** The owner's address of OperationsDB. */
  readonly url: string;
  /** Is told what happens, one sentence at a time. */
  readonly log: (message: string) => void;
  /** 1 (default): 200 agencies, 5 000 launches, 20 000 travelers, about 100 000 bookings. */
  readonly scale?: number;
  /** How the link is verified, beyond what the address says. */
  readonly link?: LinkSecurity;
}

const SEED = 'astrobookings';
const RULES_MARK = '-- Below: what is quicker to make when the rows are there.';
const BATCH_BYTES = 64 * 1024;

/** What each service writes, and what it only reads, when its role exists. */
const GRANTS: Readonly<Record<string, { readonly writes: readonly string[]; readonly reads: readonly string[] }>> = {
  agency_api: { writes: ['agencies', 'rockets', 'launches'], reads: [] },
  booking_api: { writes: ['bookings', 'travelers'], reads: ['agencies', 'rockets', 'launches'] },
  finance_api: { writes: ['invoices', 'payments'], reads: ['agencies', 'launches', 'bookings'] },
};

/**
 * Makes the tables of OperationsDB (`schema.sql`) and fills them with data that are the same every time, or does
 * nothing when the tables are there. All or nothing: one transaction, with bounded memory.
 * Roles named after the platform's services (`agency_api`, `booking_api`, `finance_api`) get their rights if they exist.
 * @throws when only some of the tables exist, and whatever the database objects to
 */
export async function loadDemo({ url, log, scale = 1, link = {} }: LoadOptions): Promise<void> {
  const tables = demoTables({ seed: SEED, size: demoSize(scale) });
  const client = new pg.Client(postgresConfig(url, { applicationName: 'demo-load', ...link }));
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('astro.demo', 0))"); // one loader at a time
    if (await isLoaded(client, tables)) log('The demo data are there already.');
    else await load(client, tables, log);
    await client.query('COMMIT');
  } finally {
    await client.end(); // without COMMIT everything is undone
  }
}

async function isLoaded(client: pg.Client, tables: readonly DemoTable[]): Promise<boolean> {
  const names = tables.map(({ name }) => name);
  const { rows } = await client.query<{ name: string }>(
    "SELECT name FROM unnest($1::text[]) name WHERE to_regclass('public.' || name) IS NOT NULL",
    [names],
  );
  if (rows.length === 0) return false;
  if (rows.length === names.length) return true;
  const found = rows.map(({ name }) => name).join(', ');
  throw new Error(
    `OperationsDB holds some tables of the demo (${found}) but not all of them, so it is left as it is. ` +
      'Give the demo an empty database, or rename those tables.',
  );
}

async function load(client: pg.Client, tables: readonly DemoTable[], log: LoadOptions['log']): Promise<void> {
  const startedAtMs = performance.now();
  log('Loading the demo data …');
  const [tablesSql = '', rulesSql = ''] = schema().split(RULES_MARK);
  await client.query(tablesSql);
  const counts: string[] = [];
  for (const table of tables) counts.push(`${await copy(client, table)} ${table.name}`);
  await client.query(rulesSql);
  await client.query(grantsSql(await existingRoles(client)));
  await client.query(`ANALYZE ${tables.map(({ name }) => `public.${name}`).join(', ')}`);
  log(`Loaded ${counts.join(', ')} in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s.`);
}

function schema(): string {
  return readFileSync(join(import.meta.dirname, 'schema.sql'), 'utf8');
}

async function copy(client: pg.Client, { name, columns, rows }: DemoTable): Promise<number> {
  const target = client.query(copyFrom(`COPY public.${name} (${columns.join(', ')}) FROM STDIN`));
  await pipeline(Readable.from(batches(rows)), target);
  return target.rowCount;
}

function* batches(rows: Iterable<DemoRow>): Generator<Buffer> {
  let batch = '';
  for (const row of rows) {
    batch += `${row.map(copyText).join('\t')}\n`;
    if (batch.length < BATCH_BYTES) continue;
    yield Buffer.from(batch);
    batch = '';
  }
  if (batch !== '') yield Buffer.from(batch);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyText(value: string | null): string {
  return value === null ? '\\N' : value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

async function existingRoles(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)', [
    Object.keys(GRANTS),
  ]);
  return rows.map(({ rolname }) => rolname);
}

function grantsSql(roles: readonly string[]): string {
  const list = (names: readonly string[]) => names.map((name) => `public.${name}`).join(', ');
  return roles
    .flatMap((role) => {
      const { writes = [], reads = [] } = GRANTS[role] ?? {};
      return [
        `GRANT USAGE ON SCHEMA public TO ${role}`,
        `GRANT SELECT, INSERT, UPDATE, DELETE ON ${list(writes)} TO ${role}`,
        ...(reads.length > 0 ? [`GRANT SELECT ON ${list(reads)} TO ${role}`] : []),
      ];
    })
    .join(';\n');
}
