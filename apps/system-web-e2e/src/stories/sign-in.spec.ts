import { expect, test } from '../support/test.js';
import { signInOf } from '../support/sign-ins.js';

const { email, password } = signInOf('viewer');

test.describe('signing in', () => {
  test('SI-4 the page has two fields, one button, and no fault for those who read it otherwise', async ({
    page,
    look,
  }) => {
    await page.goto('/');
    await look('Sign in');
    await expect(page.getByRole('main')).toMatchAriaSnapshot(`
      - main:
        - /children: deep-equal
        - heading "Sign in" [level=1]
        - text: AstroBookings data synchronization E-mail address
        - textbox "E-mail address"
        - text: Password
        - textbox "Password"
        - button "Show the password":
          - img
        - button "Sign in"
        - paragraph: No account, or the password is lost? An administrator can help under People.
    `);
    await expect(page.getByRole('textbox', { name: 'E-mail address' })).toBeFocused();
  });

  test('SI-1 URL-2 leads to the wanted address with its filters, and signing out leads back', async ({
    page,
    look,
  }) => {
    await page.goto('/runs?state=failed&mode=full');
    await look('Sign in');
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await look('Runs');
    await expect(page).toHaveURL('/runs?state=failed&mode=full');
    await expect(page.getByRole('button', { name: 'Remove the filter Status: failed' })).toBeVisible();
    await page.getByRole('button', { name: /^You: / }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
    await page.goto('/data-sets');
    await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  });

  test('SI-1 says the same about a wrong password and an unknown person, and keeps the address', async ({ page }) => {
    await page.goto('/sign-in');
    const signIn = async (who: string) => {
      await page.getByRole('textbox', { name: 'E-mail address' }).fill(who);
      await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
      const answered = page.waitForResponse('**/auth/sign-in');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await answered;
      return page.getByRole('alert').innerText();
    };
    const aboutWrong = await signIn(email);
    expect(aboutWrong).toContain('That did not match');
    expect(await signIn('nobody@astrobookings.example')).toBe(aboutWrong);
    await expect(page.getByRole('textbox', { name: 'Password' })).toBeFocused();
  });
});
