import { advanceDeduplicationId, parseAdvanceJob } from './advance-job.js';

describe('advanceDeduplicationId', () => {
  it('is the same for the same lane and differs for others', () => {
    expect(advanceDeduplicationId('orders')).toBe(advanceDeduplicationId('orders'));
    expect(advanceDeduplicationId('orders')).not.toBe(advanceDeduplicationId('order'));
  });

  it.each(['orders', '123', 'a:b', 'größe', ' '])('is a valid queue id for lane "%s"', (lane) => {
    expect(advanceDeduplicationId(lane)).toMatch(/^lane-[0-9a-f]{32}$/);
  });
});

describe('parseAdvanceJob', () => {
  it('takes a lane', () => {
    expect(parseAdvanceJob({ lane: 'orders' })).toEqual({ lane: 'orders' });
  });

  it.each([[null], [{}], [{ lane: '' }], [{ lane: 7 }], [{ lane: 'x'.repeat(201) }], [{ lane: 'a', rows: [] }]])(
    'refuses %j',
    (data) => {
      expect(() => parseAdvanceJob(data)).toThrow();
    },
  );
});
