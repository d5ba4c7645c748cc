import { expectNoSidewaysScroll } from '../support/look.js';
import { giveReason, makePlan, openedRun, progressBar } from '../support/sync-steps.js';
import { expect, test } from '../support/test.js';

/** Story 11: the product on the screen of a phone. */

for (const width of [320, 390]) {
  test.describe(`${width} px wide`, () => {
    test.use({ viewport: { width, height: 800 } });

    test('AX-4 AX-1 story 2 fits, from the menu to the end of the run', async ({ page, signInAs, look }) => {
      await signInAs('operator');
      await page.goto('/');
      await look('Overview');
      await expectNoSidewaysScroll(page);
      await page.getByRole('button', { name: 'Open the menu' }).click();
      await page.getByRole('dialog', { name: 'Pages' }).getByRole('link', { name: 'Start a sync' }).click();
      await look('Start a sync');
      await expectNoSidewaysScroll(page);
      await makePlan(page, { dataSets: ['launches', 'travelers'], mode: 'Full copy' });
      await expect(page.getByRole('list', { name: 'Plan per data set' }).getByRole('listitem')).toHaveCount(2);
      await look('Start a sync');
      await expectNoSidewaysScroll(page);
      await page.getByRole('button', { name: 'Start the run' }).click();
      const dialog = page.getByRole('dialog', { name: 'Start full copy of launches, travelers?' });
      await giveReason(dialog);
      await dialog.getByRole('button', { name: 'Start the run' }).click();
      const id = await openedRun(page);
      await expect(progressBar(page)).toHaveAttribute('aria-valuenow', '100');
      await look(`Run ${id}`);
      await expectNoSidewaysScroll(page);
    });
  });
}
