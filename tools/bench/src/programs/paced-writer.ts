/**
 * Commits one-row transactions at a steady rate, whatever the answers take: `paced-writer <options as JSON>`. Each
 * updates the next row, so every row is written once. Prints what it did as one line of JSON.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

export interface PacedWriterOptions {
  readonly url: string;
  readonly perSecond: number;
  readonly transactions: number;
  /** The first row's id. */
  readonly firstId: number;
  readonly connections: number;
}

export interface PacedWriterResult {
  /** From the first transaction's start to the last one's end. */
  readonly seconds: number;
  /** How late the latest transaction was begun. */
  readonly latestMs: number;
}

async function main(options: PacedWriterOptions): Promise<PacedWriterResult> {
  const clients = await Promise.all(Array.from({ length: options.connections }, () => connect(options.url)));
  const pending: Promise<unknown>[] = [];
  const startedAtMs = performance.now();
  let latestMs = 0;
  for (let number = 0; number < options.transactions; number++) {
    const dueAtMs = startedAtMs + (number * 1000) / options.perSecond;
    while (performance.now() < dueAtMs) await delay(Math.floor(dueAtMs - performance.now()));
    latestMs = Math.max(latestMs, performance.now() - dueAtMs);
    const client = clients[number % clients.length] as pg.Client;
    pending.push(update(client, options.firstId + number));
  }
  await Promise.all(pending);
  const seconds = (performance.now() - startedAtMs) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  return { seconds, latestMs };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'booking-api' });
  await client.connect();
  return client;
}

function update(client: pg.Client, id: number): Promise<unknown> {
  const text = 'UPDATE public.tickets SET traveler = $2, price = price + 1.5, paid = NOT paid WHERE id = $1';
  return client.query({ name: 'update', text, values: [id, `Traveler ${id} again`] });
}

main(JSON.parse(process.argv[2] ?? '') as PacedWriterOptions).then(
  (result) => console.log(JSON.stringify(result)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
