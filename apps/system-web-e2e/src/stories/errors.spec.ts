import { PLANTED, plantDifferences } from '../support/planted.js';
import { fact, giveReason, makePlan, openedRun } from '../support/sync-steps.js';
import { expect, test } from '../support/test.js';

/** Rows that are wrong or cannot be written: found, shown with their key, explained, and mended. */

test('RD-6 EX-2 a comparison finds what was made wrong, names the rows, and a repair mends them', async ({
  page,
  signInAs,
  databases,
  look,
}) => {
  const api = await signInAs('operator');
  await plantDifferences(databases);
  const total = PLANTED.inserts + PLANTED.changes + PLANTED.removals;
  const { id } = await api.post<{ id: string }>('/runs', { datasets: ['bookings'], mode: 'verify' });
  await page.goto(`/runs/${id}?tab=errors`);
  const { state } = await api.ended(id);
  expect(state).not.toBe('succeeded');
  await expect(page.getByText('succeeded with leftovers').first()).toBeVisible();
  await expect(page.getByRole('tab', { name: `Errors (${total})` })).toBeVisible();
  await look(`Run ${id}`);

  const groups = page.getByRole('table', { name: 'Errors by cause' });
  await expect(groups.getByRole('row', { name: /^missing in the target 4 / })).toBeVisible();
  await expect(groups.getByRole('row', { name: /^extra in the target 2 / })).toBeVisible();
  await groups.getByRole('button', { name: 'different' }).click();
  await expect(page).toHaveURL(/kind=different/);
  const rows = page.getByRole('table', { name: 'Errors row by row' });
  await expect(rows.getByRole('row')).toHaveCount(1 + PLANTED.changes);
  await rows.getByRole('row').nth(1).getByRole('link').first().click();

  await look('Explain a value');
  await expect(page.getByText('Source and target differ, and nothing explains it')).toBeVisible();
  const fields = page.getByRole('table', { name: 'Fields' });
  await expect(fields.getByRole('row', { name: /^status .* unheard of differs$/ })).toBeVisible();
  const why = page.url();

  await page.getByRole('main').getByRole('link', { name: 'bookings' }).first().click();
  await look('bookings');
  await page.getByRole('button', { name: 'Repair' }).click();
  await expect(page.getByRole('radio', { name: 'Repair' })).toBeChecked();
  await makePlan(page, { dataSets: ['bookings'], mode: 'Repair' });
  await page.getByRole('button', { name: 'Start the run' }).click();
  await giveReason(page.getByRole('dialog'));
  await page.getByRole('dialog').getByRole('button', { name: 'Start the run' }).click();
  expect((await api.ended(await openedRun(page))).state).toBe('succeeded');
  await expect(page.getByText('succeeded', { exact: true }).first()).toBeVisible();
  expect(await fact(page, 'Inserted')).toBe(String(PLANTED.inserts));
  expect(await fact(page, 'Changed')).toBe(String(PLANTED.changes));
  expect(await fact(page, 'Removed')).toBe(String(PLANTED.removals));
  await page.goto(why);
  await expect(page.getByText('Source and target say the same')).toBeVisible();
});

test('a row that cannot be written is shown with its cause, and tried again when the cause is gone', async ({
  page,
  signInAs,
  databases,
  look,
}) => {
  const api = await signInAs('operator');
  await databases.system(`DELETE FROM public.notes_copy WHERE id = 7`);
  await databases.system(`ALTER TABLE public.notes_copy ADD CONSTRAINT no_seven CHECK (id <> 7)`);
  const { id } = await api.post<{ id: string }>('/runs', { datasets: ['notes'], mode: 'full' });
  expect((await api.ended(id)).state).toBe('succeeded_with_leftovers');
  await page.goto(`/runs/${id}`);
  await page.getByRole('link', { name: 'Look at the leftovers' }).click();
  const groups = page.getByRole('table', { name: 'Errors by cause' });
  await expect(groups.getByRole('row', { name: /^could not be written 1 23514 notes .*no_seven/ })).toBeVisible();
  const row = page.getByRole('table', { name: 'Errors row by row' }).getByRole('row').nth(1);
  await expect(row.getByRole('link', { name: '7' })).toHaveAttribute(
    'href',
    /\/explain\?dataSet=notes&table=.*&key=7$/,
  );
  await look(`Run ${id}`);

  await databases.system(`ALTER TABLE public.notes_copy DROP CONSTRAINT no_seven`);
  await page.getByRole('button', { name: 'Retry failed only' }).click();
  const dialog = page.getByRole('dialog', { name: `Retry what failed in run ${id}?` });
  await dialog.getByRole('button', { name: 'Start a run of what failed' }).click();
  await expect(page).not.toHaveURL(new RegExp(`/runs/${id}`));
  await expect(page.getByRole('link', { name: `retry of run ${id}` })).toBeVisible();
  expect((await api.ended(page.url().split('/').at(-1) ?? '')).state).toBe('succeeded');
  expect(await databases.system('SELECT body FROM public.notes_copy WHERE id = 7')).toEqual([{ body: 'note 7' }]);
});
