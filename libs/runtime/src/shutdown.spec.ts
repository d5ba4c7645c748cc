import { createLogger } from './logger.js';
import { Shutdown } from './shutdown.js';

const log = createLogger('test', { level: 'silent' });
const never = (): Promise<void> => new Promise(() => undefined);

it('aborts the signal, then runs the steps in order, once', async () => {
  const shutdown = new Shutdown({ log, deadlineMs: 60_000 });
  const done: string[] = [];
  shutdown.signal.addEventListener('abort', () => done.push('signal'));
  shutdown.add('first', async () => {
    await Promise.resolve();
    done.push('first');
  });
  shutdown.add('second', () => void done.push('second'));
  expect(await Promise.all([shutdown.run('a'), shutdown.run('b')])).toEqual([true, true]);
  expect(done).toEqual(['signal', 'first', 'second']);
});

it('goes on after a step that fails, and says that it was not clean', async () => {
  const shutdown = new Shutdown({ log, deadlineMs: 60_000 });
  const last = jest.fn();
  shutdown.add('broken', () => Promise.reject(new Error('x')));
  shutdown.add('last', last);
  expect(await shutdown.run('test')).toBe(false);
  expect(last).toHaveBeenCalledTimes(1);
});

it('gives up at the deadline', async () => {
  const shutdown = new Shutdown({ log, deadlineMs: 1 });
  shutdown.add('hanging', never);
  expect(await shutdown.run('test')).toBe(false);
});
