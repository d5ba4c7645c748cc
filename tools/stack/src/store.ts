import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { freePort, isPortFree } from '@astro/embedded';
import { StackError } from './errors.js';
import type { StackPaths } from './paths.js';

/** Writes JSON that only this user can read; a reader sees the old content or the new one. */
export function writeJson(file: string, content: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Null when the file is damaged. */
function readJson<T>(file: string): Record<string, T> | null {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, T>;
  } catch {
    return null;
  }
}

/** Which ports there were last time is a habit, not a promise. */
function knownPorts({ ports }: StackPaths): Record<string, number> {
  return readJson<number>(ports) ?? {};
}

/**
 * The password with this name: made at random on first use, the same ever after.
 * @throws {StackError} when the file with the passwords is damaged: others would not open the databases that exist
 */
export function password({ secrets }: StackPaths, name: string): string {
  const known = readJson<string>(secrets);
  if (known === null) {
    throw new StackError(
      `${secrets} is damaged; it holds the passwords of the databases. Put a copy of it back, or start over without ` +
        'the data: npm run reset',
    );
  }
  const existing = known[name];
  if (existing !== undefined) return existing;
  const made = randomBytes(24).toString('base64url');
  writeJson(secrets, { ...known, [name]: made });
  return made;
}

/** The port this server had last time when it is free, else `preferred` when that is free, else any. */
export async function choosePort(paths: StackPaths, name: string, preferred?: number): Promise<number> {
  for (const port of [knownPorts(paths)[name], preferred]) {
    if (port !== undefined && (await isPortFree(port))) return port;
  }
  return freePort();
}

export function rememberPort(paths: StackPaths, name: string, port: number): void {
  writeJson(paths.ports, { ...knownPorts(paths), [name]: port });
}
