import { type Page } from '@playwright/test';
import { RUN_STATES } from '@astro/contracts';
import { expect, test } from '../support/test.js';

/** Colours: those of every status, and those that a person has chosen. */

interface List {
  readonly items: readonly object[];
}

/** Every tone that a badge can have is one of a run's; the last one is that of runs which need a second person. */
const STATES = [...RUN_STATES, 'waiting_for_approval'];

/** Answers the list of runs with one of each state. */
async function showEveryState(page: Page): Promise<void> {
  await page.route('**/api/v1/runs?limit=50', async (route) => {
    const answer = (await (await route.fetch()).json()) as List;
    const items = STATES.map((state, index) => ({ ...answer.items[0], id: String(index + 1), state }));
    await route.fulfill({ json: { ...answer, items, nextCursor: null } });
  });
}

test('ST-3 every status can be told from its ground, in light and in dark', async ({ page, signInAs, look }) => {
  const api = await signInAs('operator');
  await api.ended((await api.post<{ id: string }>('/runs', { datasets: ['launches'], mode: 'verify' })).id);
  await showEveryState(page);
  await page.goto('/runs');
  await expect(page.getByRole('table').locator('.status-badge')).toHaveCount(STATES.length);
  await look('Runs');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

/** Notes the scheme of the document from before its first paint on, through every change. */
async function recordSchemes(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { schemesSeen: seen });
    const note = (): void => {
      const isDrawn = (document.body?.childElementCount ?? 0) > 0;
      if (isDrawn) seen.push(document.documentElement.getAttribute('data-mantine-color-scheme') ?? 'none');
    };
    new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true });
  });
  return () => page.evaluate(() => (window as unknown as { schemesSeen: string[] }).schemesSeen);
}

test('ME-1 ME-2 what a person chooses is so in a second browser, and from the first paint on', async ({
  page,
  signInAs,
  colleague,
}) => {
  const api = await signInAs('auditor');
  try {
    await page.goto('/me');
    const kept = page.waitForResponse((response) => response.request().method() === 'PATCH' && response.ok());
    await page.getByRole('radiogroup', { name: 'Colours' }).getByText('Dark').click();
    await kept;
    const second = await colleague('auditor', { colorScheme: 'light' });
    await second.goto('/me');
    await expect(second.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
    await expect(
      second.getByRole('radiogroup', { name: 'Colours' }).getByRole('radio', { name: 'Dark' }),
    ).toBeChecked();
    const schemes = await recordSchemes(second);
    await second.reload();
    await expect(second.getByRole('heading', { level: 1, name: 'Me' })).toBeVisible();
    expect(new Set(await schemes())).toEqual(new Set(['dark']));
  } finally {
    await api.patch('/me', { preferences: { theme: 'auto' } });
    await page.goto('/me');
    await expect(page.getByRole('radiogroup', { name: 'Colours' }).getByRole('radio', { name: 'Auto' })).toBeChecked();
  }
});
