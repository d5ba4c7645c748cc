/**
 * What pgbench does, for machines without it: `bank-writer <options as JSON>`. Each connection makes one TPC-B-like
 * transaction after the other. Prints the rate the way pgbench does.
 */
import pg from 'pg';
import { randomTransfer, transferStatements } from '../harness/bank.js';

export interface BankWriterOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
}

async function main({ url, connections, seconds }: BankWriterOptions): Promise<void> {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  const startedAtMs = performance.now();
  const counts = await Promise.all(clients.map((client) => work(client, startedAtMs + seconds * 1000)));
  const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  const count = counts.reduce((sum, one) => sum + one, 0);
  console.log(`tps = ${(count / elapsedSeconds).toFixed(6)}`);
}

/** @returns transactions committed until `untilMs` */
async function work(client: pg.Client, untilMs: number): Promise<number> {
  let count = 0;
  for (; performance.now() < untilMs; count++) {
    for (const statement of transferStatements(randomTransfer())) await client.query(statement);
  }
  return count;
}

main(JSON.parse(process.argv[2] ?? '') as BankWriterOptions).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
