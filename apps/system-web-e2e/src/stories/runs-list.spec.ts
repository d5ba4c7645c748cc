import { expect, test } from '../support/test.js';

/** The list of runs while they run. */

const SLOW = { rateLimitRowsPerS: 20 };

test('RU-2 a run in the list changes its status where it stands, also when a newer one comes', async ({
  page,
  signInAs,
}) => {
  const api = await signInAs('operator');
  const start = async (dataSet: string, mode: string, options = {}) =>
    (await api.post<{ id: string }>('/runs', { datasets: [dataSet], mode, options })).id;
  await api.ended(await start('launches', 'verify'));
  const slow = await start('bookings', 'full', SLOW);
  await page.goto('/runs');
  const rows = page.getByRole('table', { name: 'Runs' }).locator('tbody').getByRole('row');
  const row = rows.filter({ has: page.getByRole('link', { name: `Run ${slow}`, exact: true }) });
  await expect(row).toContainText('running');
  const element = await row.elementHandle();
  const top = async () => Math.round((await row.boundingBox())?.y ?? -1);
  const place = await top();
  await row.hover();

  const newer = await start('launches', 'verify');
  await api.ended(newer);
  const button = page.getByRole('button', { name: '1 new run', exact: true });
  await expect(button).toBeVisible();
  await api.post(`/runs/${slow}/cancel`);
  await expect(row).toContainText('cancelled');
  expect(await element?.evaluate((one) => one.isConnected && one === one.parentElement?.firstElementChild)).toBe(true);
  expect(await top()).toBe(place);

  await button.click();
  await expect(rows.first()).toContainText(`Run ${newer}`);
  await expect(rows.nth(1)).toContainText(`Run ${slow}`);
});
