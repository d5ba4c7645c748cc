import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { withDeadline, type Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { checkColumns } from '../engine/check-columns.js';
import { checkPublication } from '../engine/check-publication.js';
import { LEDGER_POOL, PREPARED } from '../engine/engine.module.js';
import { Every } from '../engine/every.js';
import type { Prepared } from '../engine/prepare.js';

const INTERVAL_MS = 2000;
/** A server that answers nothing counts as one that is away. */
const DEADLINE_MS = 10_000;
const WORK = 'looking at the publication';
const PARTITIONS_CHANGED =
  'a partition was attached, detached, dropped, emptied or written anew, which the stream does not tell: copying again';

const LOST = 'a source table has lost columns that data sets carry: these stand still';

/** Looks every few seconds whether somebody changed the publication or its tables: the stream would not tell (P6). */
@Injectable()
export class PublicationWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly every: Every;
  private client: Client | null = null;

  constructor(
    @Inject(PREPARED) private readonly prepared: Prepared,
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(LOG) private readonly log: Logger,
  ) {
    this.every = new Every('publication_watch', INTERVAL_MS, log);
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
      const { stopped, toCopy } = await withDeadline(checkPublication(this.client, system, check), DEADLINE_MS, WORK);
      const lost = await withDeadline(checkColumns(this.client, system, this.prepared), DEADLINE_MS, WORK);
      failed = false;
      if (lost.length > 0) this.log.error({ event: 'columns.lost', code: 'SYNC_LOST_COLUMNS', lanes: lost }, LOST);
      if (stopped !== null) this.log.error({ event: 'publication.changed', code: 'SYNC_GAP' }, stopped);
      if (toCopy.length > 0) this.log.warn({ event: 'partitions.changed', lanes: toCopy }, PARTITIONS_CHANGED);
    } catch (error) {
      await this.client?.end().catch(() => undefined);
      this.client = null;
      throw error;
    } finally {
      system.release(failed); // what took too long may be in a transaction: nobody else must get that connection
    }
  }

  private async connect(): Promise<Client> {
    const client = new Client({ ...this.prepared.operations, application_name: 'sync-worker publication watch' });
    client.on('error', () => undefined); // the next query reports it
    await client.connect();
    return client;
  }
}
