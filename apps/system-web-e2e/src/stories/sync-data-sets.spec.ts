import { type Page } from '@playwright/test';
import { expect, test } from '../support/test.js';
import { PLANTED, plantDifferences } from '../support/planted.js';
import { fact, giveReason, makePlan, openedRun, progressBar } from '../support/sync-steps.js';

/** Story 2: choose data sets, look at the plan, start, watch, verify, and let a colleague look. */

const DATA_SETS = ['bookings', 'launches'];
const KINDS = [
  ['To insert', 'Inserted', PLANTED.inserts],
  ['To change', 'Changed', PLANTED.changes],
  ['To remove', 'Removed', PLANTED.removals],
] as const;

const SCOPE_STEP = `
  - main:
    - heading "Start a sync" [level=1]
    - list "Steps":
      - /children: deep-equal
      - listitem: 1. Scope
      - listitem: 2. Plan
      - listitem: 3. Confirm
    - checkbox "Everything"
    - group "Data sets":
      - searchbox "Search the data sets"
      - checkbox "bookings"
      - checkbox "finance"
      - checkbox "launches"
      - checkbox "notes"
      - checkbox "travelers"
      - status: 0 chosen · 5 of 5 shown
    - radiogroup "Mode":
      - radio "Incremental" [checked]
      - radio "Full copy"
      - radio "Verify"
      - radio "Repair"
    - textbox "Rate limit (optional)"
    - button "Make a plan"
`;

const PLAN_STEP = `
  - main:
    - heading "Start a sync" [level=1]
    - paragraph: /Plan \\d+. Full copy of bookings, launches · counted .* ago/
    - term: Rows in the source
    - definition
    - term: To insert
    - definition
    - term: To change
    - definition
    - term: To remove
    - definition
    - term: Same
    - definition
    - term: Time
    - definition
    - table "Plan per data set":
      - rowgroup:
        - row "Data set Rows To insert To change To remove Same In the target Time Note"
      - rowgroup:
        - /children: equal
        - row /^bookings/
        - row /^launches/
    - region "Rows by kind and data set"
    - radiogroup "When a data set already has a run":
      - radio "Do not start" [checked]
      - radio "Wait behind it"
    - button "Back to the scope"
    - button "Plan again"
    - button "Start the run"
`;

const CONFIRM_STEP = `
  - dialog "Start full copy of bookings, launches?":
    - banner:
      - heading "Start full copy of bookings, launches?" [level=2]
      - button "Close the dialog"
    - paragraph: It changes data in the target. It stops by itself when reality leaves these numbers by too much.
    - term: To insert
    - definition: "${PLANTED.inserts}"
    - term: To change
    - definition: "${PLANTED.changes}"
    - term: To remove
    - definition: "${PLANTED.removals}"
    - term: Same
    - definition
    - term: Time
    - definition
    - paragraph: /These numbers are .* old\\./
    - textbox "Reason"
    - text: /curl -X POST/
    - button "Copy command line"
    - status: Give a reason first.
    - button "Do not start"
    - button "Start the run" [disabled]
`;

/** The step of "Start a sync" that is open, as it is read aloud. */
async function expectStep(page: Page, name: string, snapshot: string): Promise<void> {
  await expect(page.getByRole('list', { name: 'Steps' }).locator('[aria-current="step"]')).toHaveText(name);
  await expect(page.getByRole('main')).toMatchAriaSnapshot(snapshot);
}

test('SY-1 SY-10 PR-4 RD-1 SH-3 two data sets: plan, start, watch to the end, and the result is the plan', async ({
  page,
  signInAs,
  databases,
  look,
}) => {
  await signInAs('operator');
  await plantDifferences(databases);
  await page.goto('/');
  await look('Overview');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Start a sync' }).click();
  await look('Start a sync');
  await expectStep(page, '1. Scope', SCOPE_STEP);
  await makePlan(page, { dataSets: DATA_SETS, mode: 'Full copy', rowsPerS: 300 });
  await look('Start a sync');
  await expectStep(page, '2. Plan', PLAN_STEP);
  for (const [planned, , count] of KINDS) expect(await fact(page, planned)).toBe(String(count));
  const same = await fact(page, 'Same');

  await page.getByRole('button', { name: 'Start the run' }).click();
  const dialog = page.getByRole('dialog', { name: 'Start full copy of bookings, launches?' });
  await expect(dialog.getByRole('button', { name: 'Do not start' })).toBeFocused();
  await expect(dialog).toMatchAriaSnapshot(CONFIRM_STEP);
  await expect(dialog.getByText(/These numbers are \d+ s old/)).toBeVisible();
  await giveReason(dialog);
  await dialog.getByRole('button', { name: 'Start the run' }).dblclick();
  const id = await openedRun(page);
  // The total may not be known yet; then the rows read so far move.
  await expect(progressBar(page)).toHaveAttribute('aria-valuetext', /[1-9].* (rows read|percent)/, { timeout: 2_000 });
  await expect(page).toHaveTitle(/^Run \d+ · \d+ %/);
  await look(`Run ${id}`);

  await expect(page.getByRole('main').getByText('succeeded', { exact: true }).first()).toBeVisible();
  await expect(progressBar(page)).toHaveAttribute('aria-valuenow', '100');
  for (const [, done, count] of KINDS) expect(await fact(page, done)).toBe(String(count));
  expect(await fact(page, 'Same')).toBe(same);
  await page.getByRole('tab', { name: 'Plan' }).click();
  await expect(page.getByRole('row', { name: /^bookings 4 → 4 3 → 3 2 → 2/ })).toBeVisible();
});

test('RD-8 the head of a run that has ended', async ({ page, signInAs }) => {
  const api = await signInAs('operator');
  const { id } = await api.ended(
    (await api.post<{ id: string }>('/runs', { datasets: ['launches'], mode: 'full' })).id,
  );
  await page.goto(`/runs/${id}`);
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "Run ${id}" [level=1]
      - text: Full copy of launches
      - button "operator@astrobookings.example"
      - time: /.*/
      - button "Run again"
      - text: succeeded
      - paragraph: 100 %
      - paragraph
      - paragraph: /updated .* ago/
      - progressbar "Progress of launches"
      - paragraph: 50 read · 50 applied · 50 in total
  `);
});

test('SY-1 everything, and then a comparison of it says that nothing differs', async ({ page, signInAs }) => {
  const api = await signInAs('operator');
  await page.goto('/sync/new');
  await makePlan(page, { dataSets: 'all', mode: 'Full copy' });
  await expect(page.getByText(/Full copy of bookings, finance, launches and 2 more/)).toBeVisible();
  await page.getByRole('button', { name: 'Start the run' }).click();
  await giveReason(page.getByRole('dialog'));
  await page.getByRole('dialog').getByRole('button', { name: 'Start the run' }).click();
  await openedRun(page);
  await expect(progressBar(page)).toHaveAttribute('aria-valuenow', '100');
  await page.goto('/sync/new');
  await makePlan(page, { dataSets: 'all', mode: 'Verify' });
  await page.getByRole('button', { name: 'Start the run' }).click();
  await giveReason(page.getByRole('dialog'));
  await page.getByRole('dialog').getByRole('button', { name: 'Start the run' }).click();
  const id = await openedRun(page);
  const { state } = await api.ended(id);
  expect(state).toBe('succeeded');
  await expect(progressBar(page)).toHaveAttribute('aria-valuenow', '100');
  expect(await fact(page, 'Different')).toBe('0');
});

test('URL-2 a colleague opens the link to a run and sees the same, and why they may not steer it', async ({
  page,
  signInAs,
  browser,
  product,
}) => {
  const api = await signInAs('operator');
  await api.ended((await api.post<{ id: string }>('/runs', { datasets: ['launches'], mode: 'full' })).id);
  const { id } = await api.newestRun();
  await page.goto(`/runs/${id}?tab=errors`);
  await expect(page.getByText('No error and no difference')).toBeVisible();
  const address = page.url();

  const theirs = await browser.newContext({ baseURL: product.url });
  const colleague = await theirs.newPage();
  await colleague.goto(address);
  await colleague.getByRole('textbox', { name: 'E-mail address' }).fill('viewer@astrobookings.example');
  await colleague.getByRole('textbox', { name: 'Password' }).fill('astro-demo-viewer');
  await colleague.keyboard.press('Enter');
  await expect(colleague.getByText('No error and no difference')).toBeVisible();
  expect(colleague.url()).toBe(address);
  const again = colleague.getByRole('button', { name: 'Run again' });
  await expect(again).toBeDisabled();
  await expect(again).toHaveAccessibleDescription(/viewer/);
  await theirs.close();
});
