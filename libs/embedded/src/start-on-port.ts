import { EmbeddedServerError } from './errors.js';
import { freePort, isPortFree } from './ports.js';

const MAX_TRIES = 3;

/**
 * Starts a server on `port`, or on a free one when `port` is 0; a free port that another process takes first is
 * replaced by the next.
 * @throws {EmbeddedServerError} when a given port is taken, or when `launch` fails for another reason
 */
export async function startOnPort<T>(
  port: number,
  launch: (port: number) => Promise<T>,
): Promise<{ readonly port: number; readonly process: T }> {
  if (port !== 0) {
    if (await isPortFree(port)) return { port, process: await launch(port) };
    throw new EmbeddedServerError(
      `Port ${port} on 127.0.0.1 is taken by another program; stop it or choose another port.`,
    );
  }
  for (let tries = 1; ; tries++) {
    const candidate = await freePort();
    try {
      return { port: candidate, process: await launch(candidate) };
    } catch (error) {
      if (tries === MAX_TRIES || (await isPortFree(candidate))) throw error;
    }
  }
}
