import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { WATERMARK_MESSAGE_PREFIX, parseLsn, type Lsn } from '@astro/sync-core';
import { withDeadline, type Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { LEDGER_POOL, PREPARED } from '../engine/engine.module.js';
import type { Prepared } from '../engine/prepare.js';
import { HealthRegistry, type HealthState } from '../health/health-registry.js';
import { Every } from '../engine/every.js';

const INTERVAL_MS = 10_000;
const OVERDUE_MS = 45_000;
/** A server that answers nothing counts as one that is away. */
const SEND_DEADLINE_MS = 10_000;

/**
 * Writes a message into the source's log every few seconds and sees whether capture stores it: proof that work moves
 * even when nothing happens, and the reason why an idle source does not keep its log (P9, P12).
 */
@Injectable()
export class Heartbeat implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly every: Every;
  private client: Client | null = null;
  private awaited: { readonly lsn: Lsn; readonly sinceMs: number } | null = null;
  private problem: string | null = null;

  constructor(
    @Inject(PREPARED) private readonly prepared: Prepared,
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(LOG) log: Logger,
    private readonly health: HealthRegistry,
  ) {
    this.every = new Every('heartbeat', INTERVAL_MS, log);
  }

  onApplicationBootstrap(): void {
    this.health.register({ name: 'heartbeat', check: () => this.check() });
    this.every.start(() => this.beat());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.every.stop();
    await this.client?.end().catch(() => undefined);
  }

  private async beat(): Promise<void> {
    try {
      await this.look();
      if (!this.awaited) {
        const lsn = await withDeadline(this.send(), SEND_DEADLINE_MS, 'writing a heartbeat to OperationsDB');
        this.awaited = { lsn, sinceMs: Date.now() };
      }
      this.problem = null;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      await this.client?.end().catch(() => undefined);
      this.client = null;
      throw error;
    }
  }

  private async look(): Promise<void> {
    const { rows } = await this.pool.query<{ safe_lsn: string | null }>(
      'SELECT safe_lsn FROM sync.sources WHERE id = $1',
      [this.prepared.source.id],
    );
    const stored = rows[0]?.safe_lsn;
    if (this.awaited && stored && parseLsn(stored) >= this.awaited.lsn) this.awaited = null;
  }

  private async send(): Promise<Lsn> {
    this.client ??= await this.connect();
    const { rows } = await this.client.query<{ lsn: string }>('SELECT pg_logical_emit_message(true, $1, $2) AS lsn', [
      WATERMARK_MESSAGE_PREFIX,
      '',
    ]);
    return parseLsn(rows[0]?.lsn ?? '');
  }

  private async connect(): Promise<Client> {
    const client = new Client({ ...this.prepared.operations, application_name: 'sync-worker heartbeat' });
    client.on('error', () => undefined); // the next query reports it
    await client.connect();
    await client.query('SET synchronous_commit = local'); // a standby that is away is not capture's problem
    return client;
  }

  private check(): HealthState {
    if (this.problem !== null) return { healthy: false, detail: `no heartbeat could be written: ${this.problem}` };
    const waitingMs = this.awaited ? Date.now() - this.awaited.sinceMs : 0;
    if (waitingMs > OVERDUE_MS) {
      return { healthy: false, detail: `capture has not stored a heartbeat for ${Math.round(waitingMs / 1000)} s` };
    }
    return { healthy: true, detail: 'Changes of OperationsDB reach the ledger.' };
  }
}
