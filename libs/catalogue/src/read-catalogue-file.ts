import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from '@astro/sync-core';
import type { Catalogue } from './model.js';
import { parseCatalogue } from './parse-catalogue.js';

const MAX_FILE_BYTES = 1_048_576;

/**
 * Reads and checks the catalogue file.
 * @param path as the person gave it; messages name it the same way
 * @throws {ConfigError} when it cannot be read, or with every problem in it (see {@link parseCatalogue})
 */
export async function readCatalogueFile(path: string): Promise<Catalogue> {
  return parseCatalogue(toText(await readBytes(path), path), path);
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw new ConfigError(`${path}: this is a folder; name the catalogue file in it`);
    if (status.size > MAX_FILE_BYTES)
      throw new ConfigError(`${path}: the file is larger than 1 MiB; is it a catalogue?`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${path}: ${unreadable(error)}`, { cause: error });
  }
}

function unreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? String(error);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file; set CATALOGUE_FILE to the catalogue, or make one with the init command';
    case 'EACCES':
    case 'EPERM':
      return 'the file may not be read; give this user the right to read it';
    default:
      return `the file cannot be read (${code}); check the disk and the path`;
  }
}

function toText(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ConfigError(`${path}: the file is not UTF-8 text; save it as UTF-8`, { cause: error });
  }
}
