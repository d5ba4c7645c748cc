import { ReadSlots } from './read-slots.js';

it('gives slots in the order they were asked for', async () => {
  const slots = new ReadSlots(1);
  const release = await slots.take();
  const order: string[] = [];
  const a = slots.take().then((next) => (order.push('a'), next));
  const b = slots.take().then((next) => (order.push('b'), next));
  release();
  release();
  (await a)();
  (await b)();
  expect(order).toEqual(['a', 'b']);
  expect(slots.tryTake()).not.toBeNull();
  expect(slots.tryTake()).toBeNull();
});

it('lets go who stops waiting, and passes the slot to the next', async () => {
  const slots = new ReadSlots(1);
  const release = await slots.take();
  const stop = new AbortController();
  const impatient = slots.take(stop.signal);
  const patient = slots.take(new AbortController().signal);
  stop.abort(new Error('no time'));
  await expect(impatient).rejects.toThrow('no time');
  await expect(slots.take(stop.signal)).rejects.toThrow('no time');
  release();
  (await patient)();
  expect(slots.tryTake()).not.toBeNull();
});
