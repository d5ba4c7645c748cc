import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { freePort, isPortFree } from '@astro/embedded';
import type { StackPaths } from './paths.js';

/** Writes JSON that only this user can read; a reader sees the old content or the new one. */
export function writeJson(file: string, content: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function readJson<T>(file: string): Record<string, T> {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, T>) : {};
}

/** The password with this name: made at random on first use, the same ever after. */
export function password({ secrets }: StackPaths, name: string): string {
  const known = readJson<string>(secrets);
  const existing = known[name];
  if (existing !== undefined) return existing;
  const made = randomBytes(24).toString('base64url');
  writeJson(secrets, { ...known, [name]: made });
  return made;
}

/** The port this server had last time when it is free, else `preferred` when that is free, else any. */
export async function choosePort({ ports }: StackPaths, name: string, preferred?: number): Promise<number> {
  for (const port of [readJson<number>(ports)[name], preferred]) {
    if (port !== undefined && (await isPortFree(port))) return port;
  }
  return freePort();
}

export function rememberPort({ ports }: StackPaths, name: string, port: number): void {
  writeJson(ports, { ...readJson<number>(ports), [name]: port });
}
