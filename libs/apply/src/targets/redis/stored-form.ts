import { gunzipSync } from 'node:zlib';

/** `form`: the document is right, but not compressed although it should be, or the other way round. */
export type StoredVerdict = 'same' | 'form' | 'content' | 'unreadable';

/** How documents must be stored: as they are, or gzip-compressed when they are large. */
export class StoredForm {
  constructor(private readonly compressOverBytes: number | null) {}

  isCompressed(documentBytes: number): boolean {
    return this.compressOverBytes !== null && documentBytes > this.compressOverBytes;
  }

  compare(stored: Buffer, document: Buffer): StoredVerdict {
    if (!hasGzipHead(stored)) {
      if (!stored.equals(document)) return 'content';
      return this.isCompressed(document.length) ? 'form' : 'same';
    }
    const plain = plainOf(stored, document.length);
    if (plain === null) return 'unreadable';
    if (!plain.equals(document)) return 'content';
    return this.isCompressed(document.length) ? 'same' : 'form';
  }
}

/** A document uncompressed; null: it cannot be read, or is much larger than `expectedBytes`. */
export function plainOf(stored: Buffer, expectedBytes: number): Buffer | null {
  if (!hasGzipHead(stored)) return stored;
  try {
    return gunzipSync(stored, { maxOutputLength: readableBytes(expectedBytes) });
  } catch {
    return null;
  }
}

/** What is read of a document that should have this many bytes; one that has more is different anyway. */
export function readableBytes(expectedBytes: number): number {
  return Math.max(1024 * 1024, 2 * expectedBytes);
}

function hasGzipHead(stored: Buffer): boolean {
  return stored[0] === 0x1f && stored[1] === 0x8b;
}
