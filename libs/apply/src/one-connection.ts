import { Client, type ClientConfig } from 'pg';

/**
 * A connection that is made when it is needed and given up after errors. Whoever asks while it is being made waits for
 * the same one: a second one would be nobody's to close.
 */
export class OneConnection {
  private opening: Promise<Client> | null = null;

  /** @param prepare is done on each new connection before anybody gets it */
  constructor(
    private readonly config: ClientConfig,
    private readonly prepare: (client: Client) => Promise<unknown> = () => Promise.resolve(),
  ) {}

  get(): Promise<Client> {
    if (this.opening) return this.opening;
    const opening = this.open();
    this.opening = opening;
    opening.catch(() => {
      if (this.opening === opening) this.opening = null; // the next one tries again
    });
    return opening;
  }

  /** The next use connects again. */
  async close(): Promise<void> {
    const { opening } = this;
    this.opening = null;
    const client = await opening?.catch(() => null);
    await client?.end().catch(() => undefined);
  }

  private async open(): Promise<Client> {
    const client = new Client(this.config);
    client.on('error', () => undefined); // the next statement reports it
    try {
      await client.connect();
      await this.prepare(client);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }
}
