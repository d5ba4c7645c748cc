import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitUntilGone } from './processes.js';

it('kills a program that does not end when it is asked to, even when who started it was killed', async () => {
  const starter = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'guarded.fixture.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = (await once(createInterface({ input: starter.stdout }), 'line')) as [string];
  starter.kill('SIGKILL');
  expect(await waitUntilGone([Number(pid)], 10_000)).toBe(true);
});
