import { Client, type ClientConfig } from 'pg';
import { LEDGER_CHANNEL } from '@astro/ledger';
import { Backoff, abortableSleep, type Logger } from '@astro/runtime';

/** Hears of every append to the ledger, from whatever worker; what is missed while disconnected, the sweeper finds. */
export class LedgerListener {
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;
  private client: Client | null = null;

  constructor(
    private readonly connection: ClientConfig,
    private readonly log: Logger,
    private readonly onTables: (tableIds: readonly number[]) => void,
  ) {}

  start(): void {
    this.running = this.listen();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.client?.end().catch(() => undefined);
    await this.running;
  }

  private async listen(): Promise<void> {
    const backoff = new Backoff({ baseMs: 200, maxMs: 5000 });
    while (!this.stopping.signal.aborted) {
      try {
        await this.listenOnce(() => backoff.reset());
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.log.warn({ event: 'listener.retry', err: error }, 'not hearing of new changes; the sweeper goes on');
      }
      await abortableSleep(backoff.nextMs(), this.stopping.signal);
    }
  }

  private async listenOnce(onConnected: () => void): Promise<void> {
    const client = new Client(this.connection);
    this.client = client;
    const ended = new Promise<void>((resolve, reject) => client.on('end', resolve).on('error', reject));
    client.on('notification', ({ payload }) => this.onTables((payload ?? '').split(',').map(Number)));
    await client.connect();
    await client.query(`LISTEN ${LEDGER_CHANNEL}`);
    onConnected();
    await ended;
  }
}
