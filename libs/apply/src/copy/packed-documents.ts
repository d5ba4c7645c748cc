import type { CopyBytes } from './copy-bytes.js';
import { RowPacker } from './row-packer.js';
import { HEAD_BYTES, withHead } from './set-command.js';

const NEWLINE = 0x0a;

/** Turns COPY text straight into one MSET command (see `SetCommand`). */
export class PackedDocuments extends RowPacker {
  /** Null when there is no row. */
  pack(bytes: CopyBytes): Buffer | null {
    this.out = Buffer.allocUnsafe(bytes.length * 2 + 65_536);
    this.at = HEAD_BYTES;
    let pairs = 0;
    for (let start = 0; start < bytes.length; pairs++) start = this.packRow(bytes, start);
    const packed = withHead(this.out, this.at, pairs);
    this.out = Buffer.alloc(0);
    return packed;
  }

  /** @returns where the next row starts */
  private packRow(bytes: CopyBytes, start: number): number {
    this.reserve(bytes.indexOf(NEWLINE, start) - start);
    this.packKey(bytes, start);
    return this.packDocument(bytes, start);
  }
}
