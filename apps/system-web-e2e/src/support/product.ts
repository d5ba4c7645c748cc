import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@astro/embedded';
import { loadDemo } from '../../../system-api-e2e/src/support/demo.js';
import { ROOT } from '../../../system-api-e2e/src/support/program.js';
import type { Service } from '../../../system-api-e2e/src/support/service.js';
import { Site } from '../../../system-api-e2e/src/support/site.js';

/** Small chunks, so that a run of few rows has many steps; its rate limit makes it last. */
const CHUNK_ROWS = 50;
/** No schedule fires by itself in the middle of a story. */
const ONCE_A_YEAR = "cron: '30 3 29 2 *'";
/** The demo's catalogue, and one data set more that only the stories about errors touch. */
const NOTES = `
  notes:
    from: operations
    to: system
    mode: realtime
    tables:
      - table: public.notes
        into: public.notes_copy
`;
const NOTES_TABLE = `
CREATE TABLE public.notes (id integer PRIMARY KEY, body text);
INSERT INTO public.notes SELECT i, 'note ' || i FROM generate_series(1, 300) i`;

/** What the stories are told about the running product. */
export interface ProductFacts {
  readonly url: string;
  readonly operationsUrl: string;
  readonly systemUrl: string;
  readonly cacheUrl: string;
  readonly caFile: string;
  /** Where the programs can be killed and started again, see `control.ts`. */
  readonly controlUrl: string;
}

/** The whole product on servers, folders and ports of its own. */
export class Product {
  private worker: Service | null = null;
  private api: Service | null = null;

  private constructor(
    private readonly site: Site,
    private readonly webRoot: string,
    private readonly apiPort: number,
  ) {}

  static async start(): Promise<Product> {
    const site = await Site.create();
    const product = new Product(site, copyOfWeb(), await freePort());
    try {
      await product.setUp();
    } catch (error) {
      await product.stop();
      throw error;
    }
    return product;
  }

  get facts(): Omit<ProductFacts, 'controlUrl'> {
    const { operations, system, cache, tls } = this.site;
    return {
      url: `http://127.0.0.1:${this.apiPort}`,
      operationsUrl: operations.url,
      systemUrl: system.url,
      cacheUrl: cache.url,
      caFile: tls.caFile,
    };
  }

  /** Does nothing when it runs. */
  async startWorker(): Promise<void> {
    if (this.worker?.program.running) return;
    this.worker = await this.site.startWorker();
    await this.worker.ready();
  }

  /** SIGKILL: as if its machine had failed. */
  async killWorker(): Promise<void> {
    await this.worker?.program.kill();
  }

  /** Does nothing when it runs; always at the same address. */
  async startApi(): Promise<void> {
    if (this.api?.program.running) return;
    this.api = await this.site.startApi({
      API_PORT: String(this.apiPort),
      WEB_ROOT: this.webRoot,
      // A story may let ten minutes of asking pass in one.
      REQUESTS_PER_MINUTE: '100000',
      OPERATIONS_READ_DATABASE_URL: this.site.operations.url,
    });
    await this.api.ready();
  }

  async stopApi(): Promise<void> {
    await this.api?.program.stop();
  }

  async stop(): Promise<void> {
    await this.site.destroy();
    rmSync(this.webRoot, { recursive: true, force: true });
  }

  private async setUp(): Promise<void> {
    const catalogue = readFileSync(join(ROOT, 'config/astrobookings.yaml'), 'utf8')
      .replace(/cron: '[^']*'/, ONCE_A_YEAR)
      .replaceAll('from: operations\n', `from: operations\n    chunkRows: ${CHUNK_ROWS}\n`);
    this.site.writeCatalogue(`${catalogue.trimEnd()}\n${NOTES}`);
    await loadDemo(this.site, this.site.operations.url);
    await (await this.site.connect(this.site.operations)).query(NOTES_TABLE);
    await this.site.setUp();
    await Promise.all([this.startWorker(), this.startApi()]);
    await this.site.settled();
  }
}

/** A build meanwhile would empty the folder that pages are served from. */
function copyOfWeb(): string {
  const folder = mkdtempSync(join(tmpdir(), 'astro-web-'));
  cpSync(join(ROOT, 'dist/apps/system-web'), folder, { recursive: true });
  return folder;
}
