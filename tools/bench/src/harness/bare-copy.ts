import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import pg from 'pg';
import { BenchError } from '../errors.js';

/** The parts of `pg`'s connection that its types leave out. */
interface Wire extends EventEmitter {
  readonly stream: Socket;
  query(text: string): void;
}

/** What the server sends last when a statement went well: ReadyForQuery, idle. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
/** The type of CopyOutResponse, with which the answer begins unless it is an error. */
const COPY_OUT = 0x48;

/**
 * Reads a whole table with `COPY … TO STDOUT` and throws every byte away unseen: only the end of the answer is looked
 * at. So the time is the server's and the link's, with next to nothing for a client.
 * @returns milliseconds from sending the statement to its end
 * @throws {BenchError} when the server refuses
 */
export async function bareCopyMs(url: string, columns: readonly string[], table: string): Promise<number> {
  const client = new pg.Client({ connectionString: url, application_name: 'bench' });
  client.on('error', () => undefined); // the end of the connection below is meant
  await client.connect();
  const wire = (client as unknown as { readonly connection: Wire }).connection;
  try {
    wire.stream.removeAllListeners('data'); // from here on the protocol is read below
    const startedAtMs = performance.now();
    const answer = readUntilReady(wire.stream);
    wire.query(`COPY ${table} (${columns.join(', ')}) TO STDOUT`);
    if ((await answer) !== COPY_OUT) throw new BenchError(`the server refused to COPY ${table}`);
    return performance.now() - startedAtMs;
  } finally {
    wire.stream.destroy();
  }
}

/** @returns the type of the first message */
function readUntilReady(socket: Socket): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    let first: number | undefined;
    let tail = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      first ??= chunk[0];
      tail = Buffer.concat([tail, chunk.subarray(-READY.length)]).subarray(-READY.length);
      if (tail.equals(READY)) resolve(first);
    });
    socket.on('error', reject).on('close', () => reject(new BenchError('the connection of the bare COPY was lost')));
  });
}
