import { isPortFree } from '@astro/embedded';
import { StackError } from './errors.js';
import type { StackOptions } from './options.js';
import type { StackPaths } from './paths.js';
import { choosePort, rememberPort } from './store.js';

/** The API's and the worker's ports when nothing was asked for and nobody has them. */
const PREFERRED = { API_PORT: 4300, WORKER_PORT: 4301 } as const;

/** @throws {StackError} when a port that was asked for is taken */
export async function servicePorts(
  paths: StackPaths,
  { apiPort, workerPort }: StackOptions,
): Promise<{ apiPort: number; workerPort: number }> {
  return {
    apiPort: await servicePort(paths, 'API_PORT', apiPort),
    workerPort: await servicePort(paths, 'WORKER_PORT', workerPort),
  };
}

async function servicePort(paths: StackPaths, name: keyof typeof PREFERRED, asked: number | null): Promise<number> {
  if (asked === null) {
    const port = await choosePort(paths, name, PREFERRED[name]);
    rememberPort(paths, name, port);
    return port;
  }
  if (await isPortFree(asked)) return asked;
  throw new StackError(
    `Port ${asked} (${name}) is taken by another program. Stop that program, or choose another port: ` +
      `${name}=${asked + 1} npm start`,
  );
}
