import { expect, type Locator, type Page } from '@playwright/test';

export interface Scope {
  /** By name, or everything. */
  readonly dataSets: readonly string[] | 'all';
  readonly mode: 'Incremental' | 'Full copy' | 'Verify' | 'Repair';
  readonly rowsPerS?: number;
}

/** The first step of "Start a sync" with the mouse, up to a plan whose figures are complete. */
export async function makePlan(page: Page, { dataSets, mode, rowsPerS }: Scope): Promise<void> {
  if (dataSets === 'all') await page.getByRole('checkbox', { name: 'Everything' }).check();
  else for (const name of dataSets) await page.getByRole('checkbox', { name, exact: true }).check();
  await page.getByRole('radio', { name: mode }).check();
  if (rowsPerS !== undefined) await page.getByRole('textbox', { name: 'Rate limit (optional)' }).fill(String(rowsPerS));
  await page.getByRole('button', { name: 'Make a plan' }).click();
  await expect(page.getByText(/^Plan \d+: /)).toContainText('counted');
}

/** What changes data asks why. */
export async function giveReason(dialog: Locator): Promise<void> {
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('Agreed with the owner');
}

/** Waits for the page of a run that was just started. @returns its id */
export async function openedRun(page: Page): Promise<string> {
  await expect(page).toHaveURL(/\/runs\/\d+$/);
  return page.url().split('/').at(-1) ?? '';
}

/** What a list of facts says about a name. */
export async function fact(page: Page, name: string): Promise<string> {
  return page
    .locator('dt', { hasText: new RegExp(`^${name}$`) })
    .first()
    .locator('xpath=following-sibling::dd')
    .innerText();
}

/** The status of the run whose page is open. */
export function progressBar(page: Page) {
  return page.getByRole('progressbar', { name: /^Progress of / }).first();
}
