import type { Databases } from '../support/databases.js';
import { giveReason, openedRun } from '../support/sync-steps.js';
import { expect, test } from '../support/test.js';

/** Somebody drops a column that a data set carries: its page says so, nothing is done to the target, and it heals. */

interface DataSetFacts {
  readonly status: string;
  readonly statusReason: string;
}

interface RunItems {
  readonly items: readonly { readonly message: string | null }[];
}

const LOST = 'public.notes no longer has the column "body", which this data set carries';

/** Later stories read the same table. */
async function putBack(databases: Databases, notes: readonly unknown[]): Promise<void> {
  await databases.operations('ALTER TABLE public.notes ADD COLUMN IF NOT EXISTS body text');
  await databases.operations(
    `INSERT INTO public.notes SELECT (n ->> 'id')::int, n ->> 'body' FROM json_array_elements($1::json) n
     ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
    [JSON.stringify(notes)],
  );
}

test.describe.configure({ timeout: 120_000 });

test('DD-3 a dropped column is told on the page of its data set, no run goes over it, and the others go on', async ({
  page,
  signInAs,
  databases,
  look,
}) => {
  const api = await signInAs('operator');
  const notes = await databases.operations('SELECT id, body FROM public.notes ORDER BY id');
  const copies = () => databases.system('SELECT id, body FROM public.notes_copy ORDER BY id');
  const copied = await copies();
  await page.goto('/data-sets/notes');
  await look('notes');
  const notice = page.getByRole('alert', { name: 'It needs a new copy' });
  try {
    await databases.operations('ALTER TABLE public.notes DROP COLUMN body');
    await expect(notice).toContainText(LOST);
    await expect(notice).toContainText('Put it back, or restart the workers with a catalogue that does without it');
    await expect(page.getByText('needs resync', { exact: true }).first()).toBeVisible();
    await look('notes');
    const told = await api.get<DataSetFacts>('/data-sets/notes');
    expect(told).toMatchObject({ status: 'needs_resync', statusReason: expect.stringContaining(LOST) });

    await databases.operations('DELETE FROM public.notes WHERE id = 300');
    for (const mode of ['full', 'incremental', 'verify']) {
      const { id } = await api.post<{ id: string }>('/runs', { datasets: ['notes'], mode });
      expect((await api.ended(id)).state).toBe('failed');
      const { items } = await api.get<RunItems>(`/runs/${id}`);
      expect(items[0]?.message).toContain(LOST);
    }
    await databases.operations(`UPDATE public.bookings SET total_price = total_price + 1 WHERE id =
      (SELECT max(id) FROM public.bookings)`);
    await expect.poll(async () => (await api.get<DataSetFacts>('/data-sets/bookings')).status).toBe('fresh');
    expect(await copies()).toEqual(copied);
  } finally {
    await putBack(databases, notes);
  }
  await notice.getByRole('link', { name: 'Plan a full copy' }).click();
  await page.getByRole('button', { name: 'Make a plan' }).click();
  await expect(page.getByText(/^Plan \d+: /)).toContainText('counted');
  await page.getByRole('button', { name: 'Start the run' }).click();
  await giveReason(page.getByRole('dialog'));
  await page.getByRole('dialog').getByRole('button', { name: 'Start the run' }).click();
  expect((await api.ended(await openedRun(page))).state).toBe('succeeded');
  expect(await copies()).toEqual(notes);

  await page.goto('/data-sets/notes');
  await expect(page.getByText('fresh', { exact: true }).first()).toBeVisible();
  await expect
    .poll(async () => (await api.get<DataSetFacts>('/data-sets/notes')).statusReason)
    .toBe('Everything captured is applied.');
  expect(await copies()).toEqual(notes);
});
