import type { Page } from '@playwright/test';
import { signInOf } from '../support/sign-ins.js';
import { openedRun, progressBar } from '../support/sync-steps.js';
import { expect, test } from '../support/test.js';

/** Story 11: story 2 again, without a mouse. */

const MAX_STEPS = 60;

/** Presses Tab until the focus is on the control of this name; it has to be reachable, and visible when it is. */
async function tabTo(
  page: Page,
  role: 'button' | 'checkbox' | 'radio' | 'textbox' | 'link' | 'tab',
  name: string | RegExp,
) {
  const wanted = page.getByRole(role, { name }).first();
  await expect(wanted).toBeVisible();
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${role} ${String(name)}`);
}

test('KB-1 story 2 without a mouse: sign in, choose, plan, start, watch, pause, resume, and find the run again', async ({
  page,
  look,
}) => {
  const { email, password } = signInOf('operator');
  await page.goto('/');
  await expect(page.getByRole('textbox', { name: 'E-mail address' })).toBeFocused();
  await page.keyboard.type(email);
  await tabTo(page, 'textbox', 'Password');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await look('Overview');

  await page.keyboard.press('n');
  await look('Start a sync');
  await tabTo(page, 'checkbox', 'bookings');
  await page.keyboard.press('Space');
  await tabTo(page, 'checkbox', 'launches');
  await page.keyboard.press('Space');
  await tabTo(page, 'radio', 'Incremental');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: 'Full copy' })).toBeChecked();
  await tabTo(page, 'textbox', 'Rate limit (optional)');
  await page.keyboard.type('250');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Plan \d+: Full copy of bookings, launches · counted/)).toBeVisible();
  await tabTo(page, 'button', 'Start the run');
  await page.keyboard.press('Enter');

  const dialog = page.getByRole('dialog', { name: 'Start full copy of bookings, launches?' });
  await expect(dialog.getByRole('button', { name: 'Do not start' })).toBeFocused();
  await tabTo(page, 'textbox', 'Reason');
  await page.keyboard.type('Agreed with the owner');
  await tabTo(page, 'button', 'Do not start');
  await page.keyboard.press('Tab');
  await expect(dialog.getByRole('button', { name: 'Start the run' })).toBeFocused();
  await page.keyboard.press('Enter');
  const id = await openedRun(page);

  await tabTo(page, 'button', 'Pause');
  await page.keyboard.press('Enter');
  await expect(page.locator('.status-badge', { hasText: /^paused$/ }).first()).toBeVisible();
  await tabTo(page, 'button', 'Resume');
  await page.keyboard.press('Enter');
  await expect(progressBar(page)).toHaveAttribute('aria-valuenow', '100');

  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await look('Runs');
  const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: `Run ${id}`, exact: true }) });
  await expect(row).toBeVisible();
  await tabTo(page, 'link', `Run ${id}`);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/runs/${id}`);
});

/** Where the focus is: its place among all elements, and whether something lies over it. */
async function focused(page: Page) {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const box = element.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    // What looks like a control may be its label, beside the control itself.
    const isVisible = top === null || top.contains(element) || (element.parentElement ?? element).contains(top);
    return {
      place: [...document.querySelectorAll('*')].indexOf(element),
      name: element.outerHTML.slice(0, 120),
      isVisible,
    };
  });
}

test('AX-2 AX-3 Tab goes through a page in the order of reading, and nothing lies over what has the focus', async ({
  page,
  signInAs,
}) => {
  await signInAs('operator');
  for (const path of ['/sync/new', '/runs', '/changes']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('main').locator('input, select').first()).toBeVisible();
    let before = -1;
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      await page.keyboard.press('Tab');
      const { place, name, isVisible } = await focused(page);
      // Behind the last control the focus leaves the page.
      if (name.startsWith('<body')) break;
      expect(place, `${path}: ${name} comes after what stands behind it`).toBeGreaterThan(before);
      expect(isVisible, `${path}: something lies over ${name}`).toBe(true);
      before = place;
    }
  }
});

test('the first step of the keyboard leads past the menu, and the help names the keys', async ({ page, signInAs }) => {
  await signInAs('viewer');
  await page.goto('/data-sets');
  await expect(page.getByRole('table', { name: 'Data sets' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Help' });
  await expect(help.getByRole('row', { name: 'g d to Data sets' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await page.keyboard.press('/');
  await expect(page.locator('[data-search]')).toBeFocused();
  await page.keyboard.type('notes');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('table', { name: 'Data sets' }).getByRole('row')).toHaveCount(2);
});

test('the page freezes with p, and goes on with it', async ({ page, signInAs, databases }) => {
  await signInAs('viewer');
  await page.goto('/changes?dataSet=notes');
  const change = (id: number) => databases.operations(`UPDATE public.notes SET body = body || '.' WHERE id = ${id}`);
  const row = (id: number) => page.getByRole('row', { name: new RegExp(`update ${id} explain`) });
  await expect(page.getByRole('heading', { level: 1, name: 'Changes' })).toBeVisible();
  await change(21);
  await expect(row(21)).toBeVisible();
  await page.keyboard.press('p');
  await expect(page.getByText(/frozen at/i)).toBeVisible();
  await change(22);
  await page.keyboard.press('p');
  await expect(row(22)).toBeVisible();
});
