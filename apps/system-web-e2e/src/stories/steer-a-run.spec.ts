import type { Locator, Page } from '@playwright/test';
import { lookAt } from '../support/look.js';
import { expect, test } from '../support/test.js';
import { progressBar } from '../support/sync-steps.js';

/** Story 5: pause, change the rate, resume, lose the worker, finish. Story 6: cancel half way. */

test.describe.configure({ timeout: 180_000 });

/** The percent of every second at most, as the page showed it. */
async function recordPercents(page: Page): Promise<() => Promise<readonly number[]>> {
  await progressBar(page).evaluate((bar) => {
    const seen: number[] = [];
    const note = (): number => seen.push(Number(bar.getAttribute('aria-valuenow')));
    note();
    new MutationObserver(note).observe(bar, { attributes: true, attributeFilter: ['aria-valuenow'] });
    Object.assign(window, { percentsSeen: seen });
  });
  return () => page.evaluate(() => (window as unknown as { percentsSeen: number[] }).percentsSeen);
}

async function percentOf(bar: Locator): Promise<number> {
  return Number(await bar.getAttribute('aria-valuenow'));
}

/** Waits until the bar shows more than now. */
async function moves(bar: Locator): Promise<void> {
  const before = await percentOf(bar);
  await expect.poll(() => percentOf(bar)).toBeGreaterThan(before);
}

/** The word of the run's status. */
function status(page: Page, word: string): Locator {
  return page
    .locator('.status-badge')
    .filter({ hasText: new RegExp(`^${word}$`) })
    .first();
}

test('RD-1 RD-2 PR-4 LV-1 a run is paused, slowed, resumed, loses its worker, and comes to its end', async ({
  page,
  signInAs,
  act,
  look,
  colleague,
}) => {
  const api = await signInAs('operator');
  const options = { rateLimitRowsPerS: 20 };
  const { id } = await api.post<{ id: string }>('/runs', { datasets: ['bookings'], mode: 'full', options });
  await page.goto(`/runs/${id}`);
  const bar = progressBar(page);
  await moves(bar);
  const percents = await recordPercents(page);
  await look(`Run ${id}`);

  await test.step('percent, rate and time left move', async () => {
    await moves(bar);
    await expect(page.getByText(/^\d+ rows\/s$/).first()).toBeVisible();
    await expect(page.getByText(/^(about|less than) [\d–]+ (s|min) left$/)).toBeVisible({ timeout: 30_000 });
    await expect(bar).toHaveAttribute('aria-valuetext', /^\d+ percent, applying bookings, (about|less than) .* left$/);
  });

  await test.step('pause is seen in another window, and nothing moves', async () => {
    const other = await colleague('viewer');
    await other.goto(`/runs/${id}`);
    await expect(status(other, 'running')).toBeVisible();
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(page.getByText(`Run ${id} pauses after the chunk under way`)).toBeVisible();
    await expect(status(page, 'paused')).toBeVisible();
    await expect(status(other, 'paused')).toBeVisible({ timeout: 2_000 });
  });

  await test.step('the rate is changed, and the run resumed', async () => {
    await page.getByRole('textbox', { name: /^Rate limit/ }).fill('40');
    await page.getByRole('button', { name: 'Set the limit' }).click();
    await expect(page.getByRole('textbox', { name: 'Rate limit: 40 rows/s' })).toBeVisible();
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect(status(page, 'running')).toBeVisible();
    await moves(bar);
  });

  await test.step('without its worker it says so, and with another one it goes on', async () => {
    await act('killWorker');
    await expect(page.getByText(/^no progress for \d+ s$/)).toBeVisible({ timeout: 35_000 });
    await act('startWorker');
    await moves(bar);
    await page.getByRole('button', { name: 'Take the limit away' }).click();
    await expect(status(page, 'succeeded')).toBeVisible({ timeout: 30_000 });
    await expect(bar).toHaveAttribute('aria-valuenow', '100');
  });

  await test.step('the chart has its rows, and a gap for the time in which nobody worked', async () => {
    const chart = page.getByRole('region', { name: 'Rows per second' });
    await chart.getByRole('button', { name: 'Table' }).click();
    await expect(chart.getByRole('cell', { name: /^[1-9]/ }).first()).toBeVisible();
    await expect(chart.getByRole('cell', { name: 'no value' }).first()).toBeVisible();
    await expect(chart.getByRole('cell', { name: 'applying' }).first()).toBeVisible();
  });

  await test.step('its log has each step with the person, and when workers took it up', async () => {
    await page.getByRole('tab', { name: 'Log' }).click();
    const log = page.getByRole('table', { name: `Log of run ${id}` });
    for (const text of ['Asked for a full copy of bookings.', 'Asked for a pause.', 'Asked to go on.']) {
      const row = log.getByRole('row').filter({ hasText: text });
      await expect(row.getByText('operator@astrobookings.example')).toBeVisible();
    }
    await expect(log.getByText('A worker began.')).toHaveCount(1);
    await expect(log.getByText('A worker took the work up again.')).toHaveCount(2); // after the pause, and after the kill
    await expect(log.getByRole('row').nth(1)).toContainText('Ended: succeeded.');
    await look(`Run ${id}`);
  });

  const seen = await percents();
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  const { progress } = await api.run(id);
  expect(progress.rowsApplied).toBe(progress.rowsTotal);

  await test.step('the audit trail has each step with the person', async () => {
    const auditor = await colleague('auditor');
    await auditor.goto('/audit');
    await lookAt(auditor, 'Audit trail');
    const trail = auditor.getByRole('table', { name: 'Audit entries' });
    for (const verb of ['start', 'pause', 'change', 'resume']) {
      const row = trail
        .getByRole('row')
        .filter({ hasText: `run.${verb}` })
        .filter({ hasText: `run ${id}` })
        .first();
      await expect(row).toContainText('operator@astrobookings.example');
      await expect(row).toContainText('succeeded');
    }
  });
});

test('RD-3 a run is cancelled half way: what was applied stays, the counts say so, and nothing is written any more', async ({
  page,
  signInAs,
  databases,
}) => {
  const api = await signInAs('operator');
  const options = { rateLimitRowsPerS: 100 };
  const { id } = await api.post<{ id: string }>('/runs', { datasets: ['bookings'], mode: 'full', options });
  await page.goto(`/runs/${id}`);
  const bar = progressBar(page);
  await expect.poll(() => percentOf(bar)).toBeGreaterThan(30);
  const cancel = page.getByRole('button', { name: 'Cancel the run' });
  await cancel.click();
  const dialog = page.getByRole('dialog', { name: `Cancel run ${id}?` });
  await expect(dialog.getByRole('button', { name: 'Keep it going' })).toBeFocused();
  await expect(dialog).toMatchAriaSnapshot(`
    - dialog:
      - banner:
        - /children: deep-equal
        - heading "Cancel run ${id}?" [level=2]
        - button "Close the dialog":
          - img
      - paragraph: /\\d+ of 965 rows are already applied and stay; the rest is not touched\\. It cannot be resumed\\./
      - text: /curl -X POST .*\\/runs\\/${id}\\/cancel/
      - button "Copy command line"
      - button "Keep it going"
      - button "Cancel the run"
  `);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(cancel).toBeFocused();
  await cancel.click();
  await dialog.getByRole('button', { name: 'Cancel the run' }).click();
  await expect(status(page, 'cancelled')).toBeVisible();

  const { progress } = await api.run(id);
  expect(progress.rowsApplied).toBeGreaterThan(0);
  expect(progress.rowsApplied).toBeLessThan(965);
  await expect(page.getByText(new RegExp(`${progress.rowsApplied} applied`))).toBeVisible();

  // A change that is made now comes through, while the run writes nothing more.
  const [booking] = await databases.operations(
    `UPDATE public.bookings SET number_of_seats = number_of_seats + 1
     WHERE id = (SELECT max(id) FROM public.bookings) RETURNING id, number_of_seats`,
  );
  const cached = async () =>
    JSON.parse((await databases.cache.get(`{bookings}:${String(booking?.['id'])}`)) ?? '{}') as unknown;
  await expect.poll(cached).toMatchObject({ number_of_seats: booking?.['number_of_seats'] });
  expect((await api.run(id)).progress.rowsApplied).toBe(progress.rowsApplied);

  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(page.getByRole('checkbox', { name: 'bookings' })).toBeChecked();
  await expect(page.getByRole('radio', { name: 'Full copy' })).toBeChecked();
});
