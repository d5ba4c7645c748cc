import type { ProgressUpdate } from '@astro/runs';
import { createLogger } from '@astro/runtime';
import { waitFor } from '@astro/testing';
import { Comparisons, type ComparisonsOptions } from './comparisons.js';
import type { HeldItem } from './held-items.js';

it('tells no words of a server when a comparison is tried again', async () => {
  const reports: ProgressUpdate[] = [];
  const wanted = { control: 'run', rateRowsPerS: null };
  const report = (update: ProgressUpdate) => void reports.push(update);
  const item = { id: '1', isHeld: true, wanted, claimed: { dataSet: 'items' }, report } as unknown as HeldItem;
  const comparerOf = () => {
    throw Object.assign(new Error('no route to secret.host for ana@example.com'), { code: 'EHOSTUNREACH' });
  };
  const log = createLogger('spec', { level: 'silent' });
  const comparisons = new Comparisons({ log, comparerOf } as unknown as ComparisonsOptions);
  comparisons.begin(item);
  await waitFor(() => reports.length > 0, { what: 'the error to be told' });
  await comparisons.stop();
  expect(reports[0]).toEqual({
    add: { retries: 1 },
    message: 'Tried again after: An error that was not expected (EHOSTUNREACH); the log of the worker tells more.',
  });
});
