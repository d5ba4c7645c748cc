/** Keeps the result of some work for a while: however many ask, it is done once. A failure is not kept. */
export class Kept<T> {
  private value: Promise<T> | null = null;
  private untilMs = 0;

  constructor(
    private readonly keepForMs: number,
    private readonly work: () => Promise<T>,
  ) {}

  get(): Promise<T> {
    if (this.value && performance.now() < this.untilMs) return this.value;
    const value = this.work();
    this.value = value;
    this.untilMs = Infinity;
    const settle = () => {
      if (this.value === value) this.untilMs = performance.now() + this.keepForMs;
    };
    value.then(settle, () => {
      if (this.value === value) this.value = null;
    });
    return value;
  }
}
