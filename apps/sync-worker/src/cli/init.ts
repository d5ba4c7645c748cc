import { writeFile } from 'node:fs/promises';
import { buildInitCatalogue, connectOrExplain } from '@astro/capture';
import { loadEnv, postgresConfig } from '@astro/runtime';
import { ConfigError, tableName } from '@astro/sync-core';
import { z } from 'zod';
import type { Say } from './sync.js';

export interface InitOptions {
  readonly operations: string | undefined;
  readonly out: string | undefined;
  readonly say: Say;
}

const linkSchema = z.object({
  TLS_CA_FILE: z.string().optional(),
  ALLOW_PLAINTEXT: z.enum(['true', 'false']).default('false'),
});

/**
 * Writes a catalogue that brings every table with a usable key to the cache. The file holds the database's address
 * with its password, so only its owner may read it; an existing file is never overwritten.
 */
export async function init(env: NodeJS.ProcessEnv, { operations, out, say }: InitOptions): Promise<void> {
  if (!operations || !out) throw new ConfigError('Write: npm run sync -- init --operations <url> --out <file>');
  const { TLS_CA_FILE, ALLOW_PLAINTEXT } = loadEnv(linkSchema, env);
  const link = { caFile: TLS_CA_FILE, allowPlaintext: ALLOW_PLAINTEXT === 'true', applicationName: 'sync init' };
  const name = { endpoint: 'the database', variable: '--operations' };
  const client = await connectOrExplain(postgresConfig(operations, link), name);
  try {
    const { yaml, included, skipped } = await buildInitCatalogue(client, { url: operations });
    await writeNew(out, yaml);
    say(`wrote ${out} with ${included.length} data sets; start it with: npm start -- --catalogue ${out}`);
    for (const { table, reason } of skipped) say(`left out ${tableName(table)}: ${reason}`);
  } finally {
    await client.end();
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') throw new ConfigError(`${path} exists; name another file, or remove it first`);
    throw new ConfigError(`${path} cannot be written (${code ?? String(error)}); check the folder and its rights`);
  }
}
