import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Product } from './product.js';

/** What a story may do to the programs. */
export const ACTS = ['startWorker', 'killWorker', 'startApi', 'stopApi'] as const;
export type Act = (typeof ACTS)[number];

/**
 * Lets the stories kill and start the programs: these belong to the process that began the run, while stories run in
 * another one, which is replaced after each failure.
 * @returns the server, already listening, and its address
 */
export async function serveControl(product: Product): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    const act = ACTS.find((name) => request.url === `/${name}`);
    const done = act ? product[act]() : Promise.reject(new Error(`There is no ${request.url}`));
    done.then(
      () => response.end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}` };
}

/** Asks the process that began the run. @throws with what it says when the act fails */
export async function control(controlUrl: string, act: Act): Promise<void> {
  const response = await fetch(`${controlUrl}/${act}`, { method: 'POST' });
  if (!response.ok) throw new Error(`${act} failed: ${await response.text()}`);
}
