import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { signal, waitUntilGone } from './processes.js';

const dir = mkdtempSync(join(tmpdir(), 'astro-guard-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('kills a program that goes on when it is asked to end, also after who started it was killed', async () => {
  const note = join(dir, 'note');
  const starter = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'guarded.fixture.ts'), note], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const failed = once(starter, 'exit').then(() => Promise.reject(new Error('the starter ended by itself')));
  failed.catch(() => undefined); // it is killed below
  const [line] = (await Promise.race([once(createInterface({ input: starter.stdout }), 'line'), failed])) as [string];
  const pid = Number(line);
  try {
    starter.kill('SIGKILL');
    expect(await waitUntilGone([pid], 10_000)).toBe(true);
    expect(readFileSync(note, 'utf8')).toBe('asked');
  } finally {
    signal(pid, 'SIGKILL');
  }
});
