import { createServer } from 'node:net';
import { EmbeddedServerError } from './errors.js';

// Below the range that operating systems use for outgoing connections (Linux from 32768), so that no client socket
// takes the port of a server that is down for a moment.
const FIRST_PORT = 15_000;
const PORT_COUNT = 15_000;
const MAX_TRIES = 200;

/** True when a server could listen on `port` of 127.0.0.1 now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A port of 127.0.0.1 that is free now. Another process may still take it first: whoever starts a server on it
 * tries again with another one.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORT_COUNT);
    if (await isPortFree(port)) return port;
  }
  throw new EmbeddedServerError(
    `No free port was found on 127.0.0.1 between ${FIRST_PORT} and ${FIRST_PORT + PORT_COUNT}.`,
  );
}
