import type { Socket } from 'node:net';

const BUFFER_BYTES = 64 * 1024;

interface Internals {
  readonly _handle?: { useUserBuffer?: (buffer: Buffer) => void } | null;
  [name: symbol]: unknown;
}

/**
 * Reads a socket into one buffer that is used again, where Node would make a buffer and an event of each piece: with TLS
 * a piece is a record, and PostgreSQL sends one per replicated row. It is what `onread` of `net.connect` does, which Node
 * does not offer for a socket that becomes a TLS one later. It cannot be taken back.
 * @param onBytes `bytes` from 0 up to `length`; valid only during the call
 * @returns false when this Node does it otherwise: the socket is as it was
 */
export function readIntoOwnBuffer(socket: Socket, onBytes: (bytes: Buffer, length: number) => void): boolean {
  const internals = socket as unknown as Internals;
  const symbolOf = (name: string) =>
    Object.getOwnPropertySymbols(socket).find(({ description }) => description === name);
  const [buffer, callback, generator] = [symbolOf('kBuffer'), symbolOf('kBufferCb'), symbolOf('kBufferGen')];
  const handle = internals._handle;
  if (!buffer || !callback || !generator || typeof handle?.useUserBuffer !== 'function') return false;
  const bytes = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  internals[buffer] = bytes;
  internals[generator] = null;
  internals[callback] = (length: number) => {
    onBytes(bytes, length);
  };
  handle.useUserBuffer(bytes);
  return true;
}
