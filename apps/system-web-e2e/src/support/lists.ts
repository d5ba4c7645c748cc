import { expect, type Locator, type Page } from '@playwright/test';

/** The row of a table that has this link. */
export function rowWith(table: Locator, link: string): Locator {
  return table.getByRole('row').filter({ has: table.page().getByRole('link', { name: link, exact: true }) });
}

/** How many rows a list has on all its pages; it starts at the page that is open. */
export async function countRows(page: Page, name: string): Promise<number> {
  const rows = page.getByRole('table', { name }).locator('tbody').getByRole('row');
  const next = page.getByRole('button', { name: 'Next page' });
  let count = 0;
  for (;;) {
    await expect(page.locator('.data-table[aria-busy="true"]')).toHaveCount(0);
    await expect(rows.first()).toBeVisible();
    count += await rows.count();
    if ((await next.count()) === 0 || (await next.isDisabled())) return count;
    const before = page.url();
    await next.click();
    await expect(page).not.toHaveURL(before);
  }
}
