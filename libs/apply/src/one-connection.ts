import { Client, type ClientConfig } from 'pg';

/** The connection was given up while somebody still worked with it; nothing was opened instead. */
export class ConnectionGivenUpError extends Error {
  override readonly name = 'ConnectionGivenUpError';
  constructor() {
    super('the connection was given up meanwhile');
  }
}

/**
 * A connection that is made when it is needed and given up after errors. Whoever asks while it is being made waits for
 * the same one: a second one would be nobody's to close.
 */
export class OneConnection {
  private opening: Promise<Client> | null = null;
  /** What `opening` came to. */
  private client: Client | null = null;

  /** @param prepare is done on each new connection before anybody gets it */
  constructor(
    private readonly config: ClientConfig,
    private readonly prepare: (client: Client) => Promise<unknown> = () => Promise.resolve(),
  ) {}

  get(): Promise<Client> {
    if (this.opening) return this.opening;
    const opening = this.open();
    this.opening = opening;
    opening.then(
      (client) => {
        if (this.opening === opening) this.client = client;
      },
      () => {
        if (this.opening === opening) this.opening = null; // the next one tries again
      },
    );
    return opening;
  }

  /**
   * A new connection instead of one that has ended.
   * @throws {ConnectionGivenUpError} when that one was given up: a new one would be nobody's to close
   */
  async renew(ended: Client): Promise<Client> {
    if (this.client !== ended) throw new ConnectionGivenUpError();
    this.forget();
    const [client] = await Promise.all([this.get(), end(ended)]);
    return client;
  }

  /** Ends this connection; one that has taken its place stays. */
  async giveUp(client: Client): Promise<void> {
    if (this.client === client) this.forget();
    await end(client);
  }

  /** The next use connects again. */
  async close(): Promise<void> {
    const { opening } = this;
    this.forget();
    const client = await opening?.catch(() => null);
    if (client) await end(client);
  }

  private forget(): void {
    this.opening = null;
    this.client = null;
  }

  private async open(): Promise<Client> {
    const client = new Client(this.config);
    client.on('error', () => undefined); // the next statement reports it
    try {
      await client.connect();
      await this.prepare(client);
      return client;
    } catch (error) {
      await end(client);
      throw error;
    }
  }
}

async function end(client: Client): Promise<void> {
  await client.end().catch(() => undefined);
}
