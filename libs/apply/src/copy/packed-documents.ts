import type { ColumnRef } from '@astro/sync-core';
import type { CopyBytes } from './copy-bytes.js';
import { KEYS_AND_DOCUMENTS, rowKernel } from './kernel/row-kernel.js';
import { RowLayout, type PackedTable } from './kernel/row-layout.js';
import { HEAD_BYTES, withHead } from './set-command.js';

const NO_MEMORY: Buffer = Buffer.alloc(0);
/** So that memory that was enough for one part is enough for most. */
const ROOM = 1.25;

/** Turns COPY text straight into one MSET command (see `SetCommand`). */
export class PackedDocuments {
  private readonly layout: RowLayout;

  constructor(described: readonly ColumnRef[], table: PackedTable) {
    this.layout = new RowLayout(described, table);
  }

  /**
   * @param bytes at least one row
   * @param longestRowBytes no row has more, its newline included
   * @param memory is used for the result when it is large enough
   */
  pack(bytes: CopyBytes, longestRowBytes: number, memory: Buffer = NO_MEMORY): Buffer {
    const kernel = rowKernel();
    kernel.load({ layout: this.layout, bytes, longestRowBytes: Math.min(longestRowBytes, bytes.length) });
    const packed = kernel.pack(KEYS_AND_DOCUMENTS);
    const size = HEAD_BYTES + packed.bytes.length;
    const out = memory.length >= size ? memory : Buffer.allocUnsafeSlow(Math.ceil(size * ROOM));
    packed.bytes.copy(out, HEAD_BYTES);
    const set = withHead(out, size, packed.rows);
    if (set === null) throw new Error('there is no row to pack');
    return set;
  }
}
