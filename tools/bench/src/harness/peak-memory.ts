import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Peak {
  readonly scenario: string;
  readonly program: string;
  /** Most memory that the process ever held (resident set), in bytes. */
  readonly bytes: number;
}

const LOOK_EVERY_MS = { linux: 50, others: 250 };
const KIB = 1024;

/** Remembers how much memory each of our processes took at its peak. */
export class PeakMemory {
  private readonly found: Peak[] = [];
  private scenario = '';

  get peaks(): readonly Peak[] {
    return this.found;
  }

  /** What is watched from now on belongs to this scenario. */
  enter(scenario: string): void {
    this.scenario = scenario;
  }

  /** Watches a process until the function that this returns is called; look once more before the process is stopped. */
  watch(program: string, pid: number): { look: () => void; end: () => void } {
    const { scenario } = this;
    let bytes = 0;
    const look = () => (bytes = Math.max(bytes, residentPeak(pid)));
    const timer = setInterval(look, process.platform === 'linux' ? LOOK_EVERY_MS.linux : LOOK_EVERY_MS.others);
    const end = () => {
      clearInterval(timer);
      if (bytes > 0) this.found.push({ scenario, program, bytes });
    };
    return { look, end };
  }
}

/** Linux keeps the peak itself; elsewhere the present size is read and the largest of many looks counts. 0: gone. */
function residentPeak(pid: number): number {
  try {
    if (process.platform === 'linux') {
      const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return Number(kib ?? 0) * KIB;
    }
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * KIB;
  } catch {
    return 0;
  }
}
