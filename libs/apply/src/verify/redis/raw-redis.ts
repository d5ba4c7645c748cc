import type { Redis } from 'ioredis';

/** Takes an answer as it comes. */
export interface AnswerReader {
  /**
   * @param bytes valid only during the call
   * @returns true when the answer is complete
   * @throws when it is not what was expected
   */
  feed(bytes: Buffer): boolean;
}

const SILENCE_MS = 30_000;
const READ_BYTES = 64 * 1024;

interface Asked {
  readonly reader: AnswerReader;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection to CacheDB whose answers are read as bytes: a client library spends more time on making a value of each
 * document than is needed to compare it. The library connects, authenticates and chooses the database; from then on
 * the connection speaks RESP here. One question at a time; after an error the connection is of no more use.
 */
export class RawRedis {
  private asked: Asked | null = null;
  private broken: Error | null = null;

  private constructor(
    private readonly redis: Redis,
    memory: ReadMemory | null,
  ) {
    const { stream } = redis;
    stream.removeAllListeners('data');
    if (memory) memory.use = (bytes) => this.read(bytes);
    else stream.on('data', (bytes: Buffer) => this.read(bytes));
    stream.setTimeout(SILENCE_MS, () => this.asked && this.fail(new Error('Command timed out: CacheDB is silent')));
    redis.on('close', () => this.fail(new Error('Connection is closed: CacheDB ended it')));
  }

  /** @param redis a connection like the one that is made */
  static async open(redis: Redis): Promise<RawRedis> {
    const memory = redis.options.tls ? new ReadMemory() : null;
    const own = redis.duplicate({
      lazyConnect: true,
      retryStrategy: () => null,
      enableOfflineQueue: false,
      ...(memory && { tls: { ...redis.options.tls, ...memory.options } }),
    });
    if (memory) memory.use = (bytes) => own.stream.emit('data', Buffer.from(bytes)); // while the library reads
    let problem: Error | null = null;
    own.on('error', (error: Error) => (problem = error));
    await own.connect().catch((error: unknown) => {
      own.disconnect();
      throw problem ?? error;
    });
    return new RawRedis(own, memory);
  }

  get isUsable(): boolean {
    return this.broken === null;
  }

  /** @param command the bytes of one or more commands; `reader` reads all their answers */
  ask(command: Buffer, reader: AnswerReader): Promise<void> {
    if (this.broken) return Promise.reject(this.broken);
    if (this.asked) throw new Error('CacheDB is being asked something else on this connection');
    return new Promise((resolve, reject) => {
      this.asked = { reader, resolve, reject };
      this.redis.stream.write(command);
    });
  }

  close(): void {
    this.fail(new Error('Connection is closed'));
  }

  private read(bytes: Buffer): void {
    const { asked } = this;
    if (!asked) return this.fail(new Error('CacheDB sent something that was not asked for'));
    try {
      if (!asked.reader.feed(bytes)) return;
    } catch (error) {
      return this.fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.asked = null;
    asked.resolve();
  }

  private fail(error: Error): void {
    if (this.broken) return;
    this.broken = error;
    const { asked } = this;
    this.asked = null;
    this.redis.disconnect();
    asked?.reject(error);
  }
}

/** What a TLS connection reads goes into the same memory each time, and not into new memory that must be cleared away. */
class ReadMemory {
  use: (bytes: Buffer) => void = () => undefined;
  readonly options = {
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (length: number, bytes: Uint8Array): boolean => {
        this.use(Buffer.from(bytes.buffer, bytes.byteOffset, length));
        return true;
      },
    },
  };
}

/** A command as bytes. */
export function commandOf(...parts: readonly string[]): Buffer {
  const bulks = parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return Buffer.from(`*${parts.length}\r\n${bulks.join('')}`);
}
