import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment, type Environment } from './environment.js';
import { StackError } from './errors.js';

/**
 * Makes the first administrator of a SystemDB that has no user yet.
 * @returns what to tell people, which is told only once and kept in no log; empty when there are users already
 * @throws {StackError} when it cannot be made
 */
export async function firstAdmin(root: string, env: Environment, signal: AbortSignal): Promise<string> {
  const program = join(root, 'dist/apps/system-api/main.js');
  const options = { env: childEnvironment(process.env, env), signal };
  try {
    return (await promisify(execFile)(process.execPath, [program, 'first-admin'], options)).stdout.trim();
  } catch (cause) {
    signal.throwIfAborted();
    throw new StackError('The first administrator could not be made. Look at .stack/logs/system-api.log.', { cause });
  }
}
