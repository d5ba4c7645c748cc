import { Client, escapeIdentifier, escapeLiteral, type ClientConfig } from 'pg';
import { once, type EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { interceptCopyData, withDeadline } from '@astro/runtime';
import { formatLsn, type Lsn } from '@astro/sync-core';

/** The parts of `pg`'s connection that copy-both needs and its types leave out. */
interface WireConnection extends EventEmitter {
  readonly stream: Socket;
  sendCopyFromChunk(chunk: Buffer): void;
  /** Says goodbye and ends this side, when everything before it is sent. */
  end(): void;
}

export interface StreamHandlers {
  /** One pgoutput message: `bytes` from `start` up to `end`; valid only during the call. */
  onMessage(bytes: Buffer, start: number, end: number): void;
  /** Everything that committed before `walEnd` has been sent. */
  onKeepalive(walEnd: Lsn, replyRequested: boolean): void;
}

/** Where a frame stands. */
interface Frame {
  readonly start: number;
  readonly end: number;
}

export interface StreamRequest {
  readonly slot: string;
  readonly publication: string;
  /** Transactions that committed before this are not wanted again. */
  readonly from: Lsn;
}

const XLOG_DATA = 0x77; // w
const KEEPALIVE = 0x6b; // k
const XLOG_DATA_HEADER_BYTES = 25;
/** What the source may forget is not urgent, and each word about it wakes the process that sends. */
const ACKNOWLEDGE_INTERVAL_MS = 100;
/** Node reads up to 2 MB of a socket before it looks at the others. */
const TURN_BYTES = 128 * 1024;
const END_DEADLINE_MS = 500;
const POSTGRES_EPOCH_MS = 946_684_800_000;

/**
 * One START_REPLICATION on one connection. Source: PostgreSQL documentation, "Streaming Replication Protocol".
 * Nothing is acknowledged but what was {@link stored} (P2).
 */
export class ReplicationConnection {
  private readonly client: Client & { readonly connection: WireConnection };
  private acknowledged = 0n as Lsn;
  /** Since the last turn that was left to others. */
  private turnBytes = 0;
  private isTurnOver = false;
  private isHeld = false;
  private isEnding = false;
  private acknowledgedAtMs = -ACKNOWLEDGE_INTERVAL_MS;
  /** Resolves when the slot is ours: from then on nobody else can move it. */
  readonly started: Promise<void>;

  constructor(config: ClientConfig) {
    const client = new Client({ ...config, replication: 'database' } as ClientConfig);
    this.client = client as typeof this.client;
    this.client.on('error', () => undefined); // the running query reports it
    this.started = new Promise((resolve) => this.client.connection.once('replicationStart', () => resolve()));
  }

  async connect(): Promise<void> {
    await this.client.connect();
  }

  /** Streams until the connection ends or {@link close} is called; rejects with the error that ended it. */
  async stream(request: StreamRequest, handlers: StreamHandlers): Promise<void> {
    this.acknowledged = request.from;
    const wire = this.client.connection;
    const failed = new Promise<never>((_resolve, reject) => {
      interceptCopyData(wire.stream, (bytes, start, end) => {
        if (this.isEnding) return;
        this.takeTurns(end - start);
        try {
          dispatch(bytes, { start, end }, handlers);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error))); // a throw here would be an uncaught exception of the socket
        }
      });
      wire.once('end', () => reject(new Error('Connection terminated: the source closed the replication stream')));
    });
    const publications = escapeLiteral(escapeIdentifier(request.publication)); // unquoted it is folded (W28)
    const query = this.client.query(
      `START_REPLICATION SLOT ${escapeIdentifier(request.slot)} LOGICAL ${formatLsn(request.from)} ` +
        `(proto_version '1', publication_names ${publications}, messages 'true')`,
    );
    await Promise.race([query, failed]);
  }

  /** Everything before `lsn` is durable: the source hears of it now, or with the next sign of life. */
  stored(lsn: Lsn): void {
    this.acknowledged = lsn;
    if (performance.now() - this.acknowledgedAtMs >= ACKNOWLEDGE_INTERVAL_MS) this.acknowledge();
  }

  /**
   * Tells the source what it may forget; also the sign of life that it waits for (W8).
   * @param asksBack the source shall answer at once with one of its own
   */
  acknowledge(asksBack = false): void {
    this.acknowledgedAtMs = performance.now();
    const reply = Buffer.alloc(34);
    reply[0] = 0x72; // r
    for (const offset of [1, 9, 17]) reply.writeBigUInt64BE(this.acknowledged, offset);
    reply.writeBigInt64BE(BigInt(Date.now() - POSTGRES_EPOCH_MS) * 1000n, 25);
    reply[33] = asksBack ? 1 : 0;
    if (this.client.connection.stream.writable) this.client.connection.sendCopyFromChunk(reply);
  }

  /** Everything received on this connection so far. */
  get bytesRead(): number {
    return this.client.connection.stream.bytesRead;
  }

  /** Held back by {@link pause}. */
  get isPaused(): boolean {
    return this.isHeld;
  }

  pause(): void {
    this.isHeld = true;
    this.turnBytes = 0; // others have their turn meanwhile
    this.client.connection.stream.pause();
  }

  resume(): void {
    this.isHeld = false;
    if (!this.isTurnOver) this.client.connection.stream.resume();
  }

  /** A source that sends without an end must not keep everything else of this process waiting. */
  private takeTurns(bytes: number): void {
    this.turnBytes += bytes;
    if (!this.isTurnOver && this.turnBytes > TURN_BYTES) this.readOnInNextTurn();
  }

  private readOnInNextTurn(): void {
    this.isTurnOver = true;
    this.client.connection.stream.pause();
    setImmediate(() => {
      this.turnBytes = 0;
      this.isTurnOver = false;
      if (!this.isHeld) this.client.connection.stream.resume();
    });
  }

  /**
   * Acknowledges what is stored, and ends the connection when the source has taken it; nothing is handled any more. One
   * that does not take it within a moment is left (W9).
   */
  async end(): Promise<void> {
    const { connection } = this.client;
    if (!connection.stream.writable) return this.close();
    const closed = once(connection.stream, 'close');
    this.isEnding = true;
    this.acknowledge();
    connection.end();
    connection.stream.resume(); // the end of the other side comes behind what it has sent
    await withDeadline(closed, END_DEADLINE_MS, 'ending the stream').catch(() => undefined);
    this.close();
  }

  /** Ends the connection at once, without waiting for the server (W9). */
  close(): void {
    this.client.connection.stream.destroy();
  }
}

function dispatch(bytes: Buffer, { start, end }: Frame, handlers: StreamHandlers): void {
  switch (bytes[start]) {
    case XLOG_DATA:
      // The header's positions are not used: they are 0/0 for relations (W7).
      return handlers.onMessage(bytes, start + XLOG_DATA_HEADER_BYTES, end);
    case KEEPALIVE:
      return handlers.onKeepalive(bytes.readBigUInt64BE(start + 1) as Lsn, bytes[start + 17] === 1);
    default:
      throw new Error(`Unknown replication frame ${bytes[start]}`);
  }
}
