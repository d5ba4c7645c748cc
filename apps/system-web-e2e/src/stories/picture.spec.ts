import { type Page } from '@playwright/test';
import { showIn } from '../support/look.js';
import { expectPicture } from '../support/picture.js';
import { showOneMoment } from '../support/pictured.js';
import { expect, test } from '../support/test.js';

/**
 * How the key pages are laid out and painted. Kept is where blocks stand and what colours they have, not pixels: those
 * differ with the fonts of each machine, and a tolerance wide enough for that lets a lost button through. The pictures
 * themselves are attached for people.
 */

test.use({ viewport: { width: 1440, height: 1000 } });

async function settled(page: Page): Promise<void> {
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
  await expect(page.locator('main .recharts-surface')).not.toHaveCount(0);
}

for (const scheme of ['light', 'dark'] as const) {
  test(`LK-1 shell, overview and run look as they did, in ${scheme}`, async ({ page, signInAs }) => {
    await signInAs('operator');
    await showOneMoment(page);
    for (const [name, path] of [
      ['overview', '/'],
      ['run', '/runs/12'],
    ] as const) {
      await page.goto(path);
      await showIn(page, scheme);
      await settled(page);
      await expectPicture(page, name, scheme);
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
}
