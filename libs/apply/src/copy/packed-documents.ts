import type { CopyBytes } from './copy-bytes.js';
import { RowPacker } from './row-packer.js';
import { HEAD_BYTES, withHead } from './set-command.js';

const NEWLINE = 0x0a;
const NO_MEMORY: Buffer = Buffer.alloc(0);

/** Turns COPY text straight into one MSET command (see `SetCommand`). */
export class PackedDocuments extends RowPacker {
  /**
   * Null when there is no row.
   * @param memory is used for the result when it is large enough
   */
  pack(bytes: CopyBytes, memory: Buffer = NO_MEMORY): Buffer | null {
    const expectedBytes = bytes.length * 2 + 65_536;
    this.out = memory.length >= expectedBytes ? memory : Buffer.allocUnsafeSlow(expectedBytes);
    this.at = HEAD_BYTES;
    let pairs = 0;
    for (let start = 0; start < bytes.length; pairs++) start = this.packRow(bytes, start);
    const packed = withHead(this.out, this.at, pairs);
    this.out = NO_MEMORY;
    return packed;
  }

  /** @returns where the next row starts */
  private packRow(bytes: CopyBytes, start: number): number {
    this.reserve(bytes.indexOf(NEWLINE, start) - start);
    this.packKey(bytes, start);
    return this.packDocument(bytes, start);
  }
}
