import { escapeLiteral, type Client } from 'pg';
import type { Lab } from './lab.js';
import { dropDatabase, newDatabase } from './databases.js';
import { connected, type Site } from './site.js';
import { TICKETS, TICKETS_DDL } from './tickets.js';
import { waitFor } from './wait-for.js';

const DATABASE = 'bench_native';
const NAME = 'bench_native';
const LOOK_EVERY_MS = 2;

/**
 * PostgreSQL's own logical replication of the same table between the same two servers: the yardstick. Publication
 * and subscription have their default options; the link is TLS with verified certificate and name.
 */
export class NativeReplica {
  private constructor(
    private readonly site: Site,
    /** The subscriber's database. */
    readonly target: Client,
    private readonly connection: string,
  ) {}

  static async open(lab: Lab, site: Site): Promise<NativeReplica> {
    const target = await connected(await newDatabase(lab.system, DATABASE));
    await target.query(TICKETS_DDL);
    await site.operations.query(`CREATE PUBLICATION ${NAME} FOR TABLE ${TICKETS.table}`);
    return new NativeReplica(site, target, connectionText(site.operationsUrl, lab.caFile));
  }

  /**
   * Subscribes and copies the table.
   * @returns the copy's time in milliseconds: from the first look that finds it begun (state `d`) to the first that
   *   finds it complete and caught up (`s` or `r`), looking every 2 ms
   */
  async subscribe(): Promise<number> {
    await this.target.query(`CREATE SUBSCRIPTION ${NAME} CONNECTION ${escapeLiteral(this.connection)}
      PUBLICATION ${NAME}`);
    await this.reached('begin its copy', 'dfsr');
    const begunAtMs = performance.now();
    await this.reached('end its copy', 'sr');
    const copyMs = performance.now() - begunAtMs;
    await this.reached('get ready', 'r'); // the apply worker has taken over
    return copyMs;
  }

  /** Drops the subscription with its slot, and what it brought. */
  async unsubscribe(): Promise<void> {
    await this.target.query(`DROP SUBSCRIPTION ${NAME}`);
    await this.target.query(`TRUNCATE ${TICKETS.table}`);
  }

  async pause(): Promise<void> {
    await this.target.query(`ALTER SUBSCRIPTION ${NAME} DISABLE`);
    await waitFor('the native subscription did not stop', async () => !(await this.isStreaming()));
  }

  /** Resumes the stream. @returns when the first look, every 2 ms, finds that it runs, on `performance.now()` */
  async resume(): Promise<number> {
    await this.target.query(`ALTER SUBSCRIPTION ${NAME} ENABLE`);
    await waitFor('the native subscription did not start', () => this.isStreaming(), { everyMs: LOOK_EVERY_MS });
    return performance.now();
  }

  async close(): Promise<void> {
    await this.target.query(`DROP SUBSCRIPTION IF EXISTS ${NAME}`);
    await this.target.end();
  }

  private async isStreaming(): Promise<boolean> {
    const { rowCount } = await this.site.operations.query(
      'SELECT FROM pg_replication_slots WHERE slot_name = $1 AND active',
      [NAME],
    );
    return rowCount === 1;
  }

  private async reached(what: string, states: string): Promise<void> {
    const look = async () => {
      const { rows } = await this.target.query<{ state: string }>(
        'SELECT srsubstate::text AS state FROM pg_subscription_rel',
      );
      return rows[0] !== undefined && states.includes(rows[0].state);
    };
    await waitFor(`the native subscription did not ${what}`, look, { everyMs: LOOK_EVERY_MS });
  }
}

/** How the subscriber's server reaches the publisher: like us, over TLS with verified certificate and name. */
function connectionText(operationsUrl: string, caFile: string): string {
  const url = new URL(operationsUrl);
  const parts = {
    host: url.hostname,
    port: url.port,
    dbname: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    sslmode: 'verify-full',
    sslcertmode: 'disable', // else the server looks for a client certificate in its home
    sslrootcert: caFile,
  };
  return Object.entries(parts)
    .map(([name, value]) => `${name}='${value}'`)
    .join(' ');
}

/** Runs `use` with a subscriber that is removed afterwards. */
export async function withNative<T>(lab: Lab, site: Site, use: (native: NativeReplica) => Promise<T>): Promise<T> {
  const native = await NativeReplica.open(lab, site);
  try {
    return await use(native);
  } finally {
    await native.close();
    await dropDatabase(lab.system, DATABASE);
  }
}
