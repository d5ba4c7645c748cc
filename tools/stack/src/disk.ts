import { statfsSync } from 'node:fs';
import { StackError } from './errors.js';

const NEEDED_MB = 500;

/** @throws {StackError} when less than 500 MB are free where `dir` lies */
export function requireDiskSpace(dir: string, freeMb = freeMegabytes(dir)): void {
  if (freeMb >= NEEDED_MB) return;
  throw new StackError(
    `Only ${Math.floor(freeMb)} MB are free on the disk that holds ${dir}; the databases need at least ${NEEDED_MB} MB. ` +
      'Free some space and start again.',
  );
}

function freeMegabytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return (bavail * bsize) / 1_000_000;
}
