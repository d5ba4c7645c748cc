import type { Api } from '../support/api.js';
import { signInOf } from '../support/sign-ins.js';
import { giveReason } from '../support/sync-steps.js';
import { expect, test } from '../support/test.js';

/** Story 12: the session ends in the middle of story 2. */

/** As an administrator, or the person at another place, would do it. */
async function endSessionsOf(email: string, admin: Api): Promise<void> {
  const { items } = await admin.get<{ items: readonly { id: string; email: string }[] }>('/users?limit=50');
  const person = items.find((user) => user.email === email);
  await admin.delete(`/users/${person?.id}/sessions`);
}

test('SI-2 a session that ends while a sync is prepared and started costs nothing of what was entered', async ({
  page,
  signInAs,
  as,
  look,
}) => {
  const { email, password } = signInOf('operator');
  const admin = await as('admin');
  await signInAs('operator');
  await page.goto('/sync/new');
  await page.getByRole('checkbox', { name: 'launches' }).check();
  await page.getByRole('radio', { name: 'Full copy' }).check();
  await page.getByRole('textbox', { name: 'Rate limit (optional)' }).fill('777');
  await endSessionsOf(email, admin);
  await page.getByRole('button', { name: 'Make a plan' }).click();

  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await expect(dialog.getByRole('textbox', { name: 'Password' })).toBeFocused();
  await expect(dialog.getByRole('textbox', { name: 'E-mail address' })).toHaveValue(email);
  await dialog.getByRole('textbox', { name: 'Password' }).fill('not it');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('That did not match')).toBeVisible();
  await look('Start a sync');
  await dialog.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByText(/^Plan \d+: Full copy of launches · counted/)).toBeVisible();

  await page.getByRole('button', { name: 'Start the run' }).click();
  const confirm = page.getByRole('dialog', { name: 'Start full copy of launches?' });
  await giveReason(confirm);
  await endSessionsOf(email, admin);
  await confirm.getByRole('button', { name: 'Start the run' }).click();
  await dialog.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/runs\/\d+$/);
  expect((await admin.newestRun()).id).toBe(page.url().split('/').at(-1));
});
