import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { type Liveness } from '@astro/contracts';
import { type HealthRegistry } from './health-registry.js';
import { type WorkerMetrics } from './worker-metrics.js';

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const LIVE: Liveness = { status: 'live' };
const REQUEST_TIMEOUT_MS = 10_000;

/** Three addresses for machines: `/health/live`, `/health/ready` (200 or 503), `/metrics`. Nothing else, nothing to post. */
export class HealthServer {
  private readonly server: Server;

  constructor(
    private readonly health: HealthRegistry,
    private readonly metrics: WorkerMetrics,
  ) {
    this.server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      void this.respond(request, response);
    });
  }

  get url(): string {
    const { address, family, port } = this.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** Rejects when the port is in use. Port 0 takes a free one. */
  listen(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => resolve());
    });
  }

  async close(): Promise<void> {
    const closed = promisify(this.server.close.bind(this.server))();
    this.server.closeAllConnections();
    await closed;
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, contentType, body } = await this.answer(request).catch(() => failure());
    response.writeHead(status, {
      'Content-Type': contentType,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(body);
  }

  private async answer({ method, url = '/' }: IncomingMessage): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return json(405, { detail: 'Only GET is answered here.' });
    switch (url.split('?', 1)[0]) {
      case '/health/live':
        return json(200, LIVE);
      case '/health/ready': {
        const readiness = await this.health.readiness();
        return json(readiness.status === 'ready' ? 200 : 503, readiness);
      }
      case '/metrics':
        return { status: 200, contentType: this.metrics.registry.contentType, body: await this.metrics.text() };
      default:
        return json(404, { detail: 'There is nothing at this address.' });
    }
  }
}

function json(status: number, body: object): Answer {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}

function failure(): Answer {
  return json(500, { detail: 'The metrics could not be collected.' });
}
