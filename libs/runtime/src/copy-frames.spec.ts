import { once } from 'node:events';
import { Socket, connect, createServer, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { interceptCopyData, interceptJoinedCopyData } from './copy-frames.js';
import { readIntoOwnBuffer } from './own-read-buffer.js';

function frame(letter: string, content: string): Buffer {
  const head = Buffer.from(`${letter}    `);
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, Buffer.from(content)]);
}

const row = (content: string) => frame('d', content);
const LARGE = 'x'.repeat(5000);
const ROWS = ['first', 'longer than its head', '', LARGE, 'last'];
const TOGETHER = Buffer.concat([row('first'), row('longer than its head'), row('')]);
const [BEGIN, NOTICE, DONE, READY] = [frame('H', '1'), frame('N', 'notice'), frame('c', ''), frame('Z', 'I')];
const SENT = Buffer.concat([BEGIN, TOGETHER, row(LARGE), NOTICE, row('last'), DONE, READY]);
const FOR_LIBRARY = Buffer.concat([BEGIN, NOTICE, DONE, READY]);
const CHUNK_BYTES = [1, 2, 3, 7, 64, 4096, 1_000_000];

/** What a handler was given in one call. */
interface Call {
  readonly payloads: string;
  readonly messages: number;
  readonly longestBytes: number;
}

type Take = (socket: Socket, onCall: (call: Call) => void) => () => void;

const takeEach: Take = (socket, onCall) =>
  interceptCopyData(socket, (bytes, start, end) =>
    onCall({ payloads: bytes.toString('latin1', start, end), messages: 1, longestBytes: end - start }),
  );

const takeJoined: Take = (socket, onCall) =>
  interceptJoinedCopyData(socket, ({ bytes, start, end, ...rest }) =>
    onCall({ payloads: bytes.toString('latin1', start, end), ...rest }),
  );

function callOf(rows: readonly string[]): Call {
  return {
    payloads: rows.join(''),
    messages: rows.length,
    longestBytes: Math.max(...rows.map(({ length }) => length)),
  };
}

/** Each call has the rows that come next, as many as it says. */
function expectRows(calls: readonly Call[], rows: readonly string[]): void {
  let next = 0;
  for (const call of calls) {
    expect(call).toEqual(callOf(rows.slice(next, next + call.messages)));
    next += call.messages;
  }
  expect(next).toBe(rows.length);
}

function passThrough(): Socket {
  return new PassThrough() as unknown as Socket;
}

/** What the library gets of the connection. */
function libraryOn(socket: Socket): Buffer[] {
  const library: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => library.push(chunk));
  return library;
}

/** Copies, as payloads are moved inside of what is emitted. */
function emit(socket: Socket, bytes: Buffer, size: number): void {
  for (let at = 0; at < bytes.length; at += size) socket.emit('data', Buffer.from(bytes.subarray(at, at + size)));
}

describe.each([
  { way: 'each by itself', take: takeEach, atOnce: 1 },
  { way: 'joined', take: takeJoined, atOnce: 3 },
])('rows taken $way', ({ take, atOnce }) => {
  it.each(CHUNK_BYTES)('come out of chunks of %s bytes', (size) => {
    const socket = passThrough();
    const library = libraryOn(socket);
    const calls: Call[] = [];
    take(socket, (call) => calls.push(call));
    emit(socket, SENT, size);
    expectRows(calls, ROWS);
    expect(Buffer.concat(library)).toEqual(FOR_LIBRARY);
  });

  it.each(CHUNK_BYTES)('keep their place among other messages, in chunks of %s bytes', (size) => {
    const socket = passThrough();
    const seen: string[] = [];
    socket.on('data', (chunk: Buffer) => seen.push(`<${chunk.toString('latin1')}>`));
    take(socket, ({ payloads }) => seen.push(payloads));
    emit(socket, Buffer.concat([TOGETHER, NOTICE, row('a'), row('b'), DONE, READY, row('c')]), size);
    const [notice, done, ready] = [NOTICE, DONE, READY].map((message) => `<${message.toString('latin1')}>`);
    expect(seen.join('')).toBe(`firstlonger than its head${notice}ab${done}${ready}c`);
  });

  it.each(CHUNK_BYTES)('go to the library once the connection is given back, in chunks of %s bytes', (size) => {
    const messages = [...ROWS.slice(0, 3).map(row), READY, row('last')];
    const socket = passThrough();
    const library = libraryOn(socket);
    const calls: Call[] = [];
    const giveBack = take(socket, (call) => {
      calls.push(call);
      giveBack();
    });
    emit(socket, Buffer.concat(messages), size);
    socket.emit('data', Buffer.from('later'));
    giveBack();
    const taken = size > SENT.length ? atOnce : (calls[0]?.messages ?? 0);
    expect(calls).toEqual([callOf(ROWS.slice(0, taken))]);
    expect(Buffer.concat(library)).toEqual(Buffer.concat([...messages.slice(taken), Buffer.from('later')]));
  });

  it.each([1, 7, 4096, 1_000_000])('come off a real connection, in pieces of %s bytes', async (size) => {
    const server = createServer((peer) => {
      peer.setNoDelay();
      for (let at = 0; at < SENT.length; at += size) peer.write(SENT.subarray(at, at + size));
      peer.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const library = libraryOn(socket);
    await once(socket, 'connect');
    const calls: Call[] = [];
    take(socket, (call) => calls.push(call));
    await once(socket, 'end');
    server.close();
    expectRows(calls, ROWS);
    expect(Buffer.concat(library)).toEqual(FOR_LIBRARY);
  });
});

it('finds what it needs of Node, with and without TLS', () => {
  const plain = new Socket();
  const secure = new TLSSocket(plain);
  expect(readIntoOwnBuffer(secure, () => undefined)).toBe(true);
  expect(readIntoOwnBuffer(new PassThrough() as unknown as Socket, () => undefined)).toBe(false);
});
