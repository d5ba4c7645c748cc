const SLAB_BYTES = 256 * 1024;
/** Fewer bytes are copied faster one by one than by a call. */
const SHORT_BYTES = 400;
/** So it is with characters. */
const SHORT_TEXT = 24;
const ZERO = 0x30;
const MAX_DIGITS = 10;

/** Bytes that are written otherwise than they are. */
export class Escapes {
  /** 1: the byte stays as it is. */
  readonly plain: Uint8Array;

  /** @param texts what is written, by the byte's value, as byte strings */
  constructor(readonly texts: readonly (string | undefined)[]) {
    this.plain = Uint8Array.from({ length: 256 }, (_none, byte) => (texts[byte] === undefined ? 1 : 0));
  }
}

/** Bytes of `memory` from `start` up to `end`. */
export interface MemoryPiece {
  readonly memory: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Many short pieces as bytes, packed into few large buffers: bytes that wait cost the garbage collector nothing, and
 * small buffers of their own would cost more than they hold.
 */
export class SlabWriter {
  private start = 0;
  private end = 0;
  /** Bytes that were written otherwise than they are, since ever. */
  escaped = 0;

  /**
   * @param slabBytes room that is made at once
   * @param slab the first one
   */
  constructor(
    private readonly slabBytes = SLAB_BYTES,
    private slab: Buffer = Buffer.allocUnsafeSlow(slabBytes),
  ) {}

  /** Bytes added and not taken. */
  get length(): number {
    return this.end - this.start;
  }

  /** A string of one character per byte. */
  addLatin1(text: string): void {
    this.reserve(text.length);
    if (text.length > SHORT_TEXT) {
      this.end += this.slab.write(text, this.end, 'latin1');
      return;
    }
    for (let i = 0; i < text.length; i++) this.slab[this.end++] = text.charCodeAt(i);
  }

  /** A whole number from 0 to 2³¹ - 1, as decimal digits. */
  addInteger(value: number): void {
    let divisor = 1;
    while (value / divisor >= 10) divisor *= 10;
    this.reserve(MAX_DIGITS);
    for (let rest = value; divisor >= 1; divisor /= 10) {
      const digit = (rest / divisor) | 0;
      this.slab[this.end++] = ZERO + digit;
      rest -= digit * divisor;
    }
  }

  addByte(byte: number): void {
    this.reserve(1);
    this.slab[this.end++] = byte;
  }

  /** The bytes of `source` from `from` up to `to`. */
  add(source: Buffer, from: number, to: number): void {
    this.reserve(to - from);
    if (to - from > SHORT_BYTES) {
      this.end += source.copy(this.slab, this.end, from, to);
      return;
    }
    const { slab } = this;
    let { end } = this;
    for (let i = from; i < to; i++) slab[end++] = source[i] as number;
    this.end = end;
  }

  /** The bytes of `source` from `start` up to `end`, escaped. */
  addEscaped(source: Buffer, { start, end }: { readonly start: number; readonly end: number }, escapes: Escapes): void {
    const { plain, texts } = escapes;
    this.reserve(end - start);
    let { slab, end: at } = this;
    for (let i = start; i < end; i++) {
      const byte = source[i] as number;
      if (plain[byte] === 1) {
        slab[at++] = byte;
        continue;
      }
      this.escaped++;
      this.end = at;
      this.addLatin1(texts[byte] as string);
      this.reserve(end - i);
      slab = this.slab;
      at = this.end;
    }
    this.end = at;
  }

  /** Where what is not taken yet stands, from 0 on after {@link discard}; valid until something is added. */
  get bytes(): Buffer {
    return this.slab;
  }

  /** What was added since the last call; stays as it is. */
  take(): Buffer {
    const { memory, start, end } = this.takePiece();
    return memory.subarray(start, end);
  }

  /** Like {@link take}, without a buffer of its own. */
  takePiece(): MemoryPiece {
    const { slab, start, end } = this;
    this.start = end;
    return { memory: slab, start, end };
  }

  /** Forgets what was added and not taken, and memory that was needed for something large. */
  discard(): void {
    this.end = this.start;
    if (this.slab.length <= this.slabBytes) return;
    this.slab = Buffer.allocUnsafeSlow(this.slabBytes);
    this.start = 0;
    this.end = 0;
  }

  /** When there is no room, what is not taken yet goes to the start of a new slab. */
  private reserve(more: number): void {
    if (this.end + more <= this.slab.length) return;
    const begun = this.slab.subarray(this.start, this.end);
    const needed = begun.length + more;
    this.slab = Buffer.allocUnsafeSlow(needed > this.slabBytes ? needed * 2 : this.slabBytes);
    begun.copy(this.slab);
    this.start = 0;
    this.end = begun.length;
  }
}

/** Pieces that follow each other in the same memory become one, without a byte being copied. */
export function joinAdjacent(pieces: readonly MemoryPiece[]): readonly Buffer[] {
  const joined: Buffer[] = [];
  for (let i = 0; i < pieces.length;) {
    const { memory, start } = pieces[i] as MemoryPiece;
    let { end } = pieces[i] as MemoryPiece;
    for (i++; pieces[i]?.memory === memory && pieces[i]?.start === end; i++) end = (pieces[i] as MemoryPiece).end;
    joined.push(memory.subarray(start, end));
  }
  return joined;
}
