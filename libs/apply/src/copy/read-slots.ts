/** Gives a slot back; calling it twice does nothing more. */
export type Release = () => void;

const MAX_SPARE_BYTES = 16 * 1024 * 1024;

/**
 * Bounds how many chunks of copies a process holds in memory at once, over all its lanes. Whoever holds a slot can
 * finish without another one, so nobody waits for ever.
 */
export class ReadSlots {
  private readonly waiting: (() => void)[] = [];
  private readonly spare: Buffer[] = [];
  private free: number;

  constructor(private readonly slots: number) {
    this.free = slots;
  }

  /** Memory of a chunk that is done with: large buffers made anew would keep the garbage collector busy. */
  memory(): Buffer | undefined {
    return this.spare.pop();
  }

  /** For the next chunk; call it before the slot is released. Nothing is kept while nobody holds a slot. */
  reuse(chunk: Buffer): void {
    if (chunk.buffer.byteLength <= MAX_SPARE_BYTES) this.spare.push(Buffer.from(chunk.buffer));
  }

  /** Waits for a slot, first come, first served. Rejects with the reason of `signal` when that comes first. */
  async take(signal?: AbortSignal): Promise<Release> {
    signal?.throwIfAborted();
    if (this.free > 0) this.free--;
    else await this.turn(signal);
    return this.release();
  }

  /** A slot if one is free and nobody waits. */
  tryTake(): Release | null {
    if (this.free === 0) return null;
    this.free--;
    return this.release();
  }

  private turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        reject(signal?.reason as Error);
      };
      const go = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      this.waiting.push(go);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  private release(): Release {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.waiting.shift();
      if (next) next();
      else if (++this.free === this.slots) this.spare.length = 0;
    };
  }
}
