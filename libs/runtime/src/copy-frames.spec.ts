import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import { interceptCopyData } from './copy-frames.js';

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
