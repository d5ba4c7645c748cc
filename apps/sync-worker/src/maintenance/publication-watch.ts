import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { withDeadline, type Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { checkPublication, type PublicationFindings } from '../engine/check-publication.js';
import { LEDGER_POOL, PREPARED } from '../engine/engine.module.js';
import { Every } from '../engine/every.js';
import { LostColumnsWatch } from '../engine/lost-columns-watch.js';
import type { Prepared } from '../engine/prepare.js';

const INTERVAL_MS = 2000;
/** A server that answers nothing counts as one that is away. */
const DEADLINE_MS = 10_000;
/** A table that somebody holds must not keep the look from the others. */
const LOCK_TIMEOUT_MS = 1000;
const WORK = 'looking at the publication';
const PARTITIONS_CHANGED =
  'a partition was attached, detached, dropped, emptied or written anew, which the stream does not tell: copying again';

/** Looks every few seconds whether somebody changed the publication or its tables: the stream would not tell (P6). */
@Injectable()
export class PublicationWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly every: Every;
  private readonly columns: LostColumnsWatch;
  private client: Client | null = null;

  constructor(
    @Inject(PREPARED) private readonly prepared: Prepared,
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(LOG) private readonly log: Logger,
  ) {
    this.every = new Every('publication_watch', INTERVAL_MS, log);
    this.columns = new LostColumnsWatch(prepared, log);
  }

  onApplicationBootstrap(): void {
    this.every.start(() => this.look());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.every.stop();
    await this.client?.end().catch(() => undefined);
  }

  private async look(): Promise<void> {
    const { catalogue, source } = this.prepared;
    const system = await this.pool.connect();
    let failed = true;
    try {
      this.client ??= await this.connect();
      const check = { publication: catalogue.source.publication, sourceId: source.id, tables: source.tables };
      this.say(await withDeadline(checkPublication(this.client, system, check), DEADLINE_MS, WORK));
      await withDeadline(this.columns.stopLanes(this.client, system), DEADLINE_MS, WORK);
      failed = false;
    } catch (error) {
      await this.client?.end().catch(() => undefined);
      this.client = null;
      throw error;
    } finally {
      system.release(failed); // what took too long may be in a transaction: nobody else must get that connection
    }
  }

  /** Before anything else can fail: it is stored, so the next look does not find it again. */
  private say({ stopped, toCopy }: PublicationFindings): void {
    if (stopped !== null) this.log.error({ event: 'publication.changed', code: 'SYNC_GAP' }, stopped);
    if (toCopy.length > 0) this.log.warn({ event: 'partitions.changed', lanes: toCopy }, PARTITIONS_CHANGED);
  }

  private async connect(): Promise<Client> {
    const client = new Client({ ...this.prepared.operations, application_name: 'sync-worker publication watch' });
    client.on('error', () => undefined); // the next query reports it
    await client.connect();
    await client.query(`SET lock_timeout = '${LOCK_TIMEOUT_MS}ms'`);
    return client;
  }
}
