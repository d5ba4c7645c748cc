import { expectNoSidewaysScroll } from '../support/look.js';
import { expect, test } from '../support/test.js';

/** Every page that the menu of an administrator leads to, and those that are reached from another one. */

const OTHERS = ['/data-sets/bookings', '/data-sets/bookings?tab=runs', '/data-sets/bookings?tab=changes'];
const PLAIN = ['/data-sets/bookings?tab=settings', '/me', '/nowhere', '/runs/999999', '/data-sets/nothing'];

for (const [kind, viewport] of [
  ['on a desktop', { width: 1280, height: 720 }],
  ['320 px wide', { width: 320, height: 800 }],
] as const) {
  test.describe(kind, () => {
    test.use({ viewport });
    test.describe.configure({ timeout: 180_000 });

    test('AX-1 AX-4 EG-2 no page has a fault that axe finds, or scrolls sideways; each has one heading and a title', async ({
      page,
      signInAs,
      look,
    }) => {
      await signInAs('admin');
      await page.goto('/');
      await look('Overview');
      if (viewport.width < 768) await page.getByRole('button', { name: 'Open the menu' }).click();
      const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
      await expect(links).not.toHaveCount(0);
      const inMenu = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
      for (const path of [...inMenu, ...OTHERS, ...PLAIN]) {
        await test.step(path, async () => {
          await page.goto(path);
          await look(/./);
          await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
          await expect(page).toHaveTitle(/^.+ · AstroBookings synchronization$/);
          await expectNoSidewaysScroll(page);
        });
      }
    });
  });
}
