import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** The schemes differ in nothing but colours, so the second one is asked about those alone. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];
/** What a page shows instead of itself while it waits for its first answer. */
const SKELETON = '.mantine-Skeleton-root';

/** Waits for the page of this heading to have its data, and checks it for everybody who reads or operates it otherwise. */
export async function lookAt(page: Page, heading: string | RegExp): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  await expect(page.locator(SKELETON)).toHaveCount(0);
  await expectAccessible(page);
}

/** No fault that axe finds, in both colour schemes. */
export async function expectAccessible(page: Page): Promise<void> {
  await scan(page, 'light', (axe) => axe.withTags(TAGS));
  await scan(page, 'dark', (axe) => axe.withRules(COLOUR_RULES));
  await showIn(page, 'light');
}

async function scan(page: Page, scheme: Scheme, choose: (axe: AxeBuilder) => AxeBuilder): Promise<void> {
  await showIn(page, scheme);
  // The pages have no frames, for which the other mode opens a page of its own.
  const { violations } = await choose(new AxeBuilder({ page }).setLegacyMode(true)).analyze();
  const found = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ html }) => html) }));
  expect(found, `${new URL(page.url()).pathname} in ${scheme}`).toEqual([]);
}

export type Scheme = 'light' | 'dark';

/** The people of the stories have the scheme that follows the system. */
export async function showIn(page: Page, scheme: Scheme): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
}

/** Nothing makes the page itself wider than the window; tables scroll within themselves. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const tooWide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(tooWide, `${new URL(page.url()).pathname} is wider than the window by so many px`).toBeLessThanOrEqual(0);
}
