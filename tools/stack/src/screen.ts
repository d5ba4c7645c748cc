/** What a person sees: one line per step, with the time since the start. */
export class Screen {
  private readonly startedAtMs = performance.now();

  constructor(private readonly write: (text: string) => void = (text) => void process.stdout.write(text)) {}

  say(message: string): void {
    const seconds = ((performance.now() - this.startedAtMs) / 1_000).toFixed(1);
    this.write(`${seconds.padStart(6)} s  ${message}\n`);
  }

  /** Text for itself, with empty lines around it. */
  show(text: string): void {
    this.write(`\n${text}\n\n`);
  }
}
