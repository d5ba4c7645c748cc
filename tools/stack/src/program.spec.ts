import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { symlinkSync, mkdtempSync, rmSync } from 'node:fs';
import { Program } from './program.js';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'astro-program-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('outlives a disk that is full, and still tells what the program said last', async () => {
  const logFile = join(dir, 'log');
  symlinkSync('/dev/full', logFile); // every write to it fails with ENOSPC
  const program = Program.start({
    command: ['-e', `console.log('the last word')`],
    env: process.env,
    logFile,
    stopDeadlineMs: 5_000,
  });
  expect(await program.ended()).toEqual({ code: 0, signal: null, text: 'the last word' });
});
