import { DeadlineError, withDeadline } from './deadline.js';
import { abortableSleep } from './sleep.js';

describe('abortableSleep', () => {
  it('is true after the whole time', async () => {
    expect(await abortableSleep(1)).toBe(true);
  });

  it('ends with false as soon as the signal aborts, before or while waiting', async () => {
    const controller = new AbortController();
    const sleeping = abortableSleep(60_000, controller.signal);
    controller.abort();
    expect(await sleeping).toBe(false);
    expect(await abortableSleep(60_000, controller.signal)).toBe(false);
  });
});

describe('withDeadline', () => {
  it('passes on what comes in time', async () => {
    await expect(withDeadline(Promise.resolve(7), 60_000, 'x')).resolves.toBe(7);
    await expect(withDeadline(Promise.reject(new Error('own')), 60_000, 'x')).rejects.toThrow('own');
  });

  it('says what did not finish', async () => {
    const waiting = withDeadline(new Promise<never>(() => undefined), 1, 'closing the pool');
    await expect(waiting).rejects.toThrow(new DeadlineError('closing the pool', 1));
    await expect(waiting).rejects.toThrow('closing the pool did not finish within 1 ms');
  });
});
