/** Gives a slot back; calling it twice does nothing more. */
export type Release = () => void;

/**
 * Bounds how many chunks of copies a process holds in memory at once, over all its lanes. Whoever holds a slot can
 * finish without another one, so nobody waits for ever.
 */
export class ReadSlots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Waits for a slot, first come, first served. */
  async take(): Promise<Release> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.release();
  }

  /** A slot if one is free and nobody waits. */
  tryTake(): Release | null {
    if (this.free === 0) return null;
    this.free--;
    return this.release();
  }

  private release(): Release {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    };
  }
}
