import { once } from 'node:events';
import { Socket, connect, createServer, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { interceptCopyData } from './copy-frames.js';
import { readIntoOwnBuffer } from './own-read-buffer.js';

function frame(letter: string, content: string): Buffer {
  const head = Buffer.from(`${letter}    `);
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, Buffer.from(content)]);
}

const SENT = Buffer.concat([
  frame('H', '1'),
  frame('d', 'first'),
  frame('d', ''),
  frame('N', 'notice'),
  frame('d', 'x'.repeat(5000)),
  frame('c', ''),
  frame('Z', 'I'),
]);

it.each([1, 2, 3, 7, 64, 4096, 1_000_000])('takes the rows out of chunks of %s bytes', (size) => {
  const socket = new PassThrough() as unknown as Socket & PassThrough;
  const library: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => library.push(chunk));
  const rows: string[] = [];
  interceptCopyData(socket, (bytes, start, end) => rows.push(bytes.toString('latin1', start, end)));
  for (let at = 0; at < SENT.length; at += size) socket.emit('data', SENT.subarray(at, at + size));
  expect(rows).toEqual(['first', '', 'x'.repeat(5000)]);
  expect(Buffer.concat(library)).toEqual(
    Buffer.concat([frame('H', '1'), frame('N', 'notice'), frame('c', ''), frame('Z', 'I')]),
  );
});

it('gives the connection back in the middle of a chunk', () => {
  const socket = new PassThrough() as unknown as Socket & PassThrough;
  const library: string[] = [];
  socket.on('data', (chunk: Buffer) => library.push(chunk.toString('latin1')));
  const rows: string[] = [];
  const giveBack = interceptCopyData(socket, (bytes, start, end) => {
    rows.push(bytes.toString('latin1', start, end));
    giveBack();
  });
  const more = Buffer.concat([frame('d', 'b'), frame('Z', 'I')]).toString('latin1');
  socket.emit('data', Buffer.concat([frame('d', 'a'), Buffer.from(more, 'latin1')]));
  socket.emit('data', Buffer.from('later'));
  giveBack();
  expect(rows).toEqual(['a']);
  expect(library).toEqual([more, 'later']);
});

it.each([1, 7, 4096, 1_000_000])('takes them off a real connection, in pieces of %s bytes', async (size) => {
  const server = createServer((peer) => {
    peer.setNoDelay();
    for (let at = 0; at < SENT.length; at += size) peer.write(SENT.subarray(at, at + size));
    peer.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const library: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => library.push(chunk));
  await once(socket, 'connect');
  const rows: string[] = [];
  interceptCopyData(socket, (bytes, start, end) => rows.push(bytes.toString('latin1', start, end)));
  await once(socket, 'end');
  server.close();
  expect(rows).toEqual(['first', '', 'x'.repeat(5000)]);
  expect(Buffer.concat(library)).toEqual(
    Buffer.concat([frame('H', '1'), frame('N', 'notice'), frame('c', ''), frame('Z', 'I')]),
  );
});

it('finds what it needs of Node, with and without TLS', () => {
  const plain = new Socket();
  const secure = new TLSSocket(plain);
  expect(readIntoOwnBuffer(secure, () => undefined)).toBe(true);
  expect(readIntoOwnBuffer(new PassThrough() as unknown as Socket, () => undefined)).toBe(false);
});
