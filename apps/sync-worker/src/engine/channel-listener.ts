import { Client, escapeIdentifier, type ClientConfig } from 'pg';
import { Backoff, abortableSleep, type Logger } from '@astro/runtime';

export interface ChannelListenerOptions {
  /** Of SystemDB's notifications. */
  readonly channel: string;
  readonly log: Logger;
  /** Must not throw; what is missed while disconnected has to be found by looking. */
  readonly onNotified: (payload: string) => void;
}

/** Hears what is said on a channel of SystemDB, from whatever process; connects again by itself. */
export class ChannelListener {
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;
  private client: Client | null = null;

  constructor(
    private readonly connection: ClientConfig,
    private readonly options: ChannelListenerOptions,
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
    const { channel, log } = this.options;
    const backoff = new Backoff({ baseMs: 200, maxMs: 5000 });
    while (!this.stopping.signal.aborted) {
      try {
        await this.listenOnce(() => backoff.reset());
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        log.warn({ event: 'listener.retry', channel, err: error }, 'not hearing of news; looking for them goes on');
      }
      await abortableSleep(backoff.nextMs(), this.stopping.signal);
    }
  }

  private async listenOnce(onConnected: () => void): Promise<void> {
    const client = new Client(this.connection);
    this.client = client;
    const ended = new Promise<void>((resolve, reject) => client.on('end', resolve).on('error', reject));
    ended.catch(() => undefined); // the connection may be lost before it is awaited: what is awaited then says so
    client.on('notification', ({ payload }) => this.options.onNotified(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${escapeIdentifier(this.options.channel)}`);
      onConnected();
      await ended;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
