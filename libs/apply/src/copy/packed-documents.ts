import type { CopyBytes } from './copy-bytes.js';
import { RowPacker } from './row-packer.js';
import { HEAD_BYTES, withHead } from './set-command.js';

const NEWLINE = 0x0a;
/** Room for as much is made before each row; the length of rows that may be longer is looked for. */
const MAX_SHORT_ROW_BYTES = 8192;
const NO_MEMORY: Buffer = Buffer.alloc(0);

/** Turns COPY text straight into one MSET command (see `SetCommand`). */
export class PackedDocuments extends RowPacker {
  /**
   * @param bytes at least one row
   * @param longestRowBytes no row has more, its newline included
   * @param memory is used for the result when it is large enough
   */
  pack(bytes: CopyBytes, longestRowBytes: number, memory: Buffer = NO_MEMORY): Buffer {
    const rowBytes = longestRowBytes > MAX_SHORT_ROW_BYTES ? null : longestRowBytes;
    const expectedBytes = bytes.length * 2 + 65_536;
    this.out = memory.length >= expectedBytes ? memory : Buffer.allocUnsafeSlow(expectedBytes);
    this.at = HEAD_BYTES;
    let pairs = 0;
    for (let start = 0; start < bytes.length; pairs++) start = this.packRow(bytes, start, rowBytes);
    const packed = withHead(this.out, this.at, pairs);
    this.out = NO_MEMORY;
    if (packed === null) throw new Error('there is no row to pack');
    return packed;
  }

  /** @returns where the next row starts */
  private packRow(bytes: CopyBytes, start: number, rowBytes: number | null): number {
    this.reserve(rowBytes ?? bytes.indexOf(NEWLINE, start) - start);
    this.packKey(bytes, start);
    return this.packDocument(bytes, start);
  }
}
