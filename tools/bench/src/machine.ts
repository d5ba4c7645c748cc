import { cpus, totalmem } from 'node:os';

/** Where and when the figures were measured, in one line. */
export function describeMachine(now = new Date()): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || process.arch;
  const memoryGb = Math.round(totalmem() / 1e9);
  const day = now.toISOString().slice(0, 10);
  return `Measured on ${day}: ${processors.length} × ${model}, ${memoryGb} GB, ${process.platform}, Node ${process.versions.node}.`;
}
