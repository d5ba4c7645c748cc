import { expect, test } from '../support/test.js';

/** Story 1: is anything wrong, and where is its cause? And when the server itself is away. */

test('OV-1 a key that cannot be written shows on the overview, leads to its cause, and leaves after the repair', async ({
  page,
  signInAs,
  databases,
  look,
}) => {
  await signInAs('operator');
  await page.goto('/');
  await look('Overview');
  await databases.system(`ALTER TABLE public.notes_copy ADD CONSTRAINT not_wrong CHECK (body <> 'wrong') NOT VALID`);
  await databases.operations(`UPDATE public.notes SET body = 'wrong' WHERE id = 9`);
  const attention = page.getByRole('list', { name: 'Needs attention' });
  const line = attention.getByRole('listitem').filter({ hasText: 'notes' });
  await expect(line).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('status').filter({ hasText: 'needs you' })).toContainText('notes: 1 key is set aside');
  await line.getByRole('link', { name: 'notes: 1 key is set aside' }).click();

  await look('notes');
  const keys = page.getByRole('table', { name: 'Keys set aside' });
  await expect(keys.getByRole('row')).toHaveCount(2);
  await expect(keys.getByRole('row', { name: /^9 public\.notes .*not_wrong.* 23514 / })).toBeVisible();
  await keys.getByRole('link', { name: '9' }).click();
  await look('Explain a value');
  await expect(page.getByText('The key is set aside with an error')).toBeVisible();

  await databases.operations(`UPDATE public.notes SET body = 'right' WHERE id = 9`);
  await expect(page.getByText('Source and target say the same')).toBeVisible();
  await page.goto('/');
  await look('Overview');
  await expect(page.getByRole('listitem').filter({ hasText: 'is set aside' })).toBeHidden();
  await databases.system(`ALTER TABLE public.notes_copy DROP CONSTRAINT not_wrong`);
});

test('SH-2 while the server is away the page says so, keeps its data and writes nothing; it comes back by itself', async ({
  page,
  signInAs,
  act,
  look,
}) => {
  const api = await signInAs('operator');
  const { id } = await api.post<{ id: string }>('/runs', { datasets: ['launches'], mode: 'full' });
  await api.ended(id);
  await page.goto('/runs');
  const start = page.getByRole('button', { name: 'Start a sync' });
  await expect(start).toBeEnabled();
  await expect(page.getByRole('link', { name: `Run ${id}` })).toBeVisible();
  await act('stopApi');
  const banner = page.getByRole('alert', { name: 'The server cannot be reached' });
  await expect(banner).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('banner')).toContainText('offline');
  await expect(page.getByRole('link', { name: `Run ${id}` })).toBeVisible();
  await expect(start).toBeDisabled();
  await expect(start).toHaveAccessibleDescription(/cannot be reached/);
  await look('Runs');
  await act('startApi');
  await expect(banner).toBeHidden({ timeout: 30_000 });
  await expect(start).toBeEnabled();
});
