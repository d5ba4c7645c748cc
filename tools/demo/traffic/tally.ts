import type { Action } from './action.js';
import { WRITERS, type Writer } from './services.js';

/** Two transactions met: a deadlock, or a row that the other one removed or took. Part of any traffic. */
const MET = new Set(['40P01', '40001', '23503', '23505']);

interface Count {
  transactions: number;
  rows: number;
}

/** Counts what the traffic did and puts it into words. */
export class Tally {
  private readonly byAction = new Map<string, Count>();
  private readonly byWriter = new Map<Writer, number>();
  private readonly problems = new Map<string, number>();
  private met = 0;
  private lastSuccessMs = performance.now();
  private readonly startedAtMs = performance.now();
  private lineAtMs = performance.now();
  private linesTotal = 0;
  private lineByWriter = new Map<Writer, number>();

  done({ name, writer }: Action, rows: number): void {
    const count = this.byAction.get(name) ?? { transactions: 0, rows: 0 };
    count.transactions++;
    count.rows += rows;
    this.byAction.set(name, count);
    this.byWriter.set(writer, (this.byWriter.get(writer) ?? 0) + 1);
    this.lastSuccessMs = performance.now();
  }

  /** @returns for how long, in ms, nothing has succeeded */
  failed({ name }: Action, error: unknown): number {
    if (error instanceof Error && 'code' in error && MET.has(String(error.code))) {
      this.met++;
      return 0;
    }
    const problem = `${name}: ${error instanceof Error ? error.message : String(error)}`;
    this.problems.set(problem, (this.problems.get(problem) ?? 0) + 1);
    return performance.now() - this.lastSuccessMs;
  }

  /** What happened since the last line. */
  line(): string {
    const now = performance.now();
    const total = this.total();
    const rate = ((total - this.linesTotal) * 1000) / Math.max(1, now - this.lineAtMs);
    const writers = WRITERS.map(
      (writer) => `${writer} ${(this.byWriter.get(writer) ?? 0) - (this.lineByWriter.get(writer) ?? 0)}`,
    );
    this.lineAtMs = now;
    this.linesTotal = total;
    this.lineByWriter = new Map(this.byWriter);
    const failed = [...this.problems.values()].reduce((sum, count) => sum + count, 0);
    const parts = [`${rate.toFixed(1).padStart(7)} tx/s`, ...writers, `total ${total}`];
    if (failed > 0) parts.push(`failed ${failed}`);
    return `${new Date().toISOString().slice(11, 19)} ${parts.join('   ')}`;
  }

  /** Everything since the start. */
  summary(): string {
    const seconds = (performance.now() - this.startedAtMs) / 1000;
    const total = this.total();
    const actions = [...this.byAction].sort(([, a], [, b]) => b.transactions - a.transactions);
    return [
      `${total} transactions in ${seconds.toFixed(1)} s (${(total / seconds).toFixed(1)} per second):`,
      ...actions.map(([name, { transactions, rows }]) => `${String(transactions).padStart(9)}  ${name} (${rows} rows)`),
      ...(this.met > 0 ? [`${String(this.met).padStart(9)}  gave way to another transaction`] : []),
      ...[...this.problems].map(([problem, count]) => `${String(count).padStart(9)}  failed, ${problem}`),
    ].join('\n');
  }

  total(): number {
    return [...this.byWriter.values()].reduce((sum, count) => sum + count, 0);
  }
}
