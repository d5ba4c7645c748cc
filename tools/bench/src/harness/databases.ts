import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import type { EmbeddedPostgres } from '@astro/embedded';

/** An empty database. @returns the superuser's address of it */
export async function newDatabase(server: EmbeddedPostgres, name: string): Promise<string> {
  await statements(server.url, [`CREATE DATABASE ${name}`]);
  return server.urlFor(name);
}

/** Removes a database with its replication slots, which would keep log for ever. */
export async function dropDatabase(server: EmbeddedPostgres, name: string): Promise<void> {
  await statements(server.url, [
    `SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots
     WHERE database = '${name}' AND active_pid IS NOT NULL`,
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '${name}'`,
    `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
  ]);
}

/**
 * Writes out what is in memory, that of the operating system too, so that neither a checkpoint nor the flush of what an
 * earlier run wrote falls into the run that follows.
 */
export async function checkpoint(...servers: readonly EmbeddedPostgres[]): Promise<void> {
  await Promise.all(servers.map((server) => statements(server.url, ['CHECKPOINT'])));
  if (process.platform !== 'win32') await promisify(execFile)('sync');
}

async function statements(url: string, all: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'bench' });
  await client.connect();
  try {
    for (const statement of all) await client.query(statement);
  } finally {
    await client.end();
  }
}
