import { type Page } from '@playwright/test';
import { type Databases } from '../support/databases.js';
import { countRows, rowWith } from '../support/lists.js';
import { expect, test } from '../support/test.js';

/** A number on the first screen is a promise: the list behind it has exactly so many rows. */

test.describe.configure({ timeout: 180_000 });

/** Of this range nothing is kept between two askings. */
const OVERVIEW = '/?from=now-1h';

/** Changes some bookings in one transaction. Each is a row of two data sets: the seats of its launch follow it. */
async function changeBookings(databases: Databases, count: number, claim?: readonly [string, string | null]) {
  const claimed = claim?.map((name) => (name === null ? 'NULL' : `'${name}'`)).join(', ');
  await databases.operations(
    `BEGIN; ${claimed === undefined ? '' : `SELECT sync.set_origin(${claimed}, 'count', NULL, NULL);`}
     UPDATE public.bookings SET number_of_seats = number_of_seats + 1
     WHERE id IN (SELECT id FROM public.bookings ORDER BY id LIMIT ${count}); COMMIT`,
  );
}

/** Presses on one place of a chart and lets go on another; places are shares of its width. */
async function drawOver(page: Page, chart: string, [from, to]: readonly [number, number]): Promise<void> {
  const plot = page.getByRole('img', { name: chart }).locator('.recharts-cartesian-grid');
  await plot.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await plot.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(x + width * from, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * to, y + height / 2, { steps: 4 });
  await page.mouse.up();
}

interface List {
  readonly items: readonly unknown[];
}

const firstNumber = (text: string): number => Number(/\d+/.exec(text.replaceAll('\u202f', ''))?.[0]);
const allNumbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);

/** Opens what a link of the overview leads to, and counts. */
async function rowsBehind(page: Page, link: string, list: string): Promise<number> {
  await page.getByRole('main').getByRole('link', { name: link, exact: true }).first().click();
  const count = await countRows(page, list);
  await page.goto(OVERVIEW);
  return count;
}

test('OV-6 CH-3 every number of the overview opens a list with exactly that many rows; a part of its time is shown alone', async ({
  page,
  signInAs,
  databases,
}) => {
  const api = await signInAs('operator');
  const service = `Counter-${Date.now()}`;
  await databases.system(`ALTER TABLE public.notes_copy ADD CONSTRAINT not_odd CHECK (body <> 'odd') NOT VALID`);
  await databases.operations(`UPDATE public.notes SET body = 'odd' WHERE id IN (21, 22)`);
  await changeBookings(databases, 1, [service, null]);
  await changeBookings(databases, 2, [service, 'bob']);
  await changeBookings(databases, 3);
  const { id } = await api.post<{ id: string }>('/runs', { datasets: ['launches'], mode: 'verify' });
  await api.ended(id);
  // As if it had taken long: what counts is the hour in which it ended.
  await databases.system(`UPDATE sync.runs SET created_at = created_at - interval '2 hours' WHERE id = $1`, [id]);
  const arrived = async () => (await api.get<List>(`/changes?service=${service}`)).items.length;
  await expect.poll(arrived).toBe(6);
  const setAside = async () => (await api.get<{ setAsideKeys: number }>('/data-sets/notes')).setAsideKeys;
  await expect.poll(setAside).toBe(2);
  await page.goto(OVERVIEW);

  await test.step('keys set aside', async () => {
    expect(await rowsBehind(page, 'notes: 2 keys are set aside', 'Keys set aside')).toBe(2);
  });

  await test.step('who changed how much, with a user and without', async () => {
    const origins = page.getByRole('table', { name: 'Lately changed by' });
    for (const [who, count] of [
      [service, 2],
      [`bob via ${service}`, 4],
    ] as const) {
      const changes = rowWith(origins, who).getByRole('cell').nth(1);
      await expect(changes).toHaveText(String(count));
      expect(await rowsBehind(page, who, 'Changes')).toBe(count);
    }
  });

  await test.step('a part of the time, drawn over the chart', async () => {
    const who = rowWith(page.getByRole('table', { name: 'Lately changed by' }), service);
    await expect(who).toBeVisible();
    await drawOver(page, 'Throughput', [0.3, 0.6]);
    await expect(page).toHaveURL(/\/\?from=\d{4}-[^&]+&to=\d{4}-/);
    await expect(who).toBeHidden();
    await expect(page.getByRole('combobox', { name: 'Range' })).toHaveValue('other');
    await page.goBack();
    await expect(who).toBeVisible();
  });

  await test.step('what nobody claimed', async () => {
    const link = page.getByRole('list', { name: 'Needs attention' }).getByRole('link', { name: /nobody claimed$/ });
    const title = await link.innerText();
    expect(await rowsBehind(page, title, 'Changes')).toBe(firstNumber(title));
  });

  await test.step('runs that ended in an hour', async () => {
    const chart = page.getByRole('img', { name: /^How runs ended/ });
    await chart.press('End');
    const said = page.getByRole('region', { name: /^How runs ended/ }).getByRole('status');
    await expect(said).toHaveText(/succeeded/);
    const [, values = ''] = (await said.innerText()).split(/: (?=succeeded)/);
    await chart.press('Enter');
    const total = allNumbers(values).reduce((sum, value) => sum + value, 0);
    expect(total).toBeGreaterThan(0);
    expect(await countRows(page, 'Runs')).toBe(total);
  });

  await test.step('data sets by name', async () => {
    await page.goto(OVERVIEW);
    const names = page.getByRole('table', { name: 'Freshness' }).locator('tbody').getByRole('row');
    await expect(names).toHaveCount(5);
    await page.goto('/data-sets');
    expect(await countRows(page, 'Data sets')).toBe(5);
  });

  await databases.operations(`UPDATE public.notes SET body = 'even' WHERE id IN (21, 22)`);
  await expect.poll(() => databases.system('SELECT FROM public.notes_copy WHERE body = $1', ['even'])).toHaveLength(2);
  await databases.system(`ALTER TABLE public.notes_copy DROP CONSTRAINT not_odd`);
});
