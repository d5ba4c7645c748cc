import { expect, test } from '../support/test.js';

/** Story 9: who changed this booking, and why is its value in the cache what it is? */

const HOSTILE = '<img src=x onerror="document.title=1"> \u202E gnihtyna';

const EXPLANATION = `
  - main:
    - heading "Explain a value" [level=1]
    - search:
      - combobox "Data set"
      - searchbox "Key"
      - textbox "Table (if it has several)"
      - textbox "Only this field"
    - status "Source and target say the same":
      - paragraph:
        - text: CacheDB holds what OperationsDB holds. Last changed by ana via BookingAPI · bookings.cancel at
        - time
      - button "Copy text for a ticket"
    - region "What they hold":
      - heading "What they hold" [level=2]
      - paragraph: OperationsDB holds it
      - paragraph: CacheDB holds it
      - region "Fields of source and target":
        - table "Fields":
          - rowgroup:
            - row "Field OperationsDB CacheDB Compared"
          - rowgroup:
            - row "status canceled canceled same":
              - rowheader "status"
              - cell "canceled"
              - cell "canceled"
              - cell "same"
    - region "How it came here":
      - heading "How it came here" [level=2]
      - term: Made so by
      - definition:
        - button "ana via BookingAPI · bookings.cancel"
        - link /^update, /
      - term: Waiting
      - definition: nothing
      - term: Data set
      - definition:
        - link "bookings"
    - region "History":
      - heading "History" [level=2]
      - table "History of the key"
`;

test('DD-1 OR-2 EX-4 a change is found by its origin, opened, explained, and followed by its correlation id', async ({
  page,
  signInAs,
  databases,
  look,
}) => {
  await signInAs('viewer');
  await page.goto('/data-sets/bookings?tab=changes');
  await look('bookings');
  // Other stories change the first and the last ones.
  const [booking] = await databases.operations(
    `SELECT id, status FROM public.bookings WHERE status = 'confirmed' ORDER BY id OFFSET 50 LIMIT 1`,
  );
  const id = String(booking?.['id']);
  await databases.operations(
    `BEGIN; SELECT sync.set_origin('BookingAPI', 'ana', 'bookings.cancel', 'asked by phone', 'corr-web-1');
     UPDATE public.bookings SET status = 'canceled' WHERE id = '${id}'; COMMIT`,
  );
  const row = page.getByRole('table', { name: 'Changes' }).getByRole('row').filter({ hasText: id });
  await expect(row).toContainText('ana via BookingAPI', { timeout: 2_000 });

  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Changes' }).click();
  await look('Changes');
  await page.getByRole('textbox', { name: 'User' }).fill('ana');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/user=ana/);
  await expect(page.getByRole('button', { name: 'Remove the filter User: ana' })).toBeVisible();
  // The free seats of its launch change with it, so the launch has the change, too.
  const found = page.getByRole('table', { name: 'Changes' }).getByRole('row').filter({ hasText: id });
  await expect(found).toHaveCount(2);
  const ofBooking = found.filter({ has: page.getByRole('link', { name: 'bookings', exact: true }) });
  await expect(ofBooking).toContainText('completed');
  await ofBooking.getByRole('link').first().click();
  const details = page.getByRole('dialog', { name: /^Change \d+/ });
  await expect(details.getByRole('row', { name: 'status confirmed canceled changed' })).toBeVisible();
  await look('Changes');
  await details.getByRole('link', { name: 'Explain this value' }).click();

  await look('Explain a value');
  await expect(page.getByText('Source and target say the same')).toBeVisible();
  await expect(page.getByRole('row', { name: 'status canceled canceled same' })).toBeVisible();
  await expect(page.getByRole('main')).toMatchAriaSnapshot(EXPLANATION);
  await page
    .getByRole('button', { name: /^ana via BookingAPI/ })
    .first()
    .click();
  const origin = page.getByRole('dialog', { name: /^ana via BookingAPI/ });
  await expect(origin).toContainText('asked by phone');
  await expect(origin).toContainText('corr-web-1');
  await page.keyboard.press('Escape');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('corr-web-1');
  await page
    .getByRole('dialog', { name: 'Search and commands' })
    .getByText('Changes with the correlation id corr-web-1')
    .click();
  await expect(page).toHaveURL(/correlationId=corr-web-1/);
  await expect(page.getByRole('table', { name: 'Changes' }).getByRole('row')).toHaveCount(3);
});

test('URL-2 RU-1 filters stand in the address, survive a reload, and Back takes the last one away', async ({
  page,
  signInAs,
  colleague,
}) => {
  const api = await signInAs('operator');
  for (const mode of ['full', 'verify']) {
    await api.ended((await api.post<{ id: string }>('/runs', { datasets: ['launches'], mode })).id);
  }
  await page.goto('/runs');
  await page.getByRole('combobox', { name: 'Mode' }).selectOption('verify');
  await expect(page).toHaveURL(/mode=verify/);
  const runs = page.getByRole('table', { name: 'Runs' }).getByRole('link', { name: /^Run \d+$/ });
  const shown = async () => runs.allInnerTexts();
  await expect(page.getByRole('table', { name: 'Runs' }).getByText('Full copy')).toHaveCount(0);
  const filtered = await shown();
  await page.reload();
  await expect(runs.first()).toBeVisible();
  expect(await shown()).toEqual(filtered);
  const other = await colleague('viewer');
  await other.goto(page.url());
  await expect(other.getByRole('table', { name: 'Runs' }).getByRole('link', { name: /^Run \d+$/ })).toHaveText(
    filtered,
  );
  await page.goBack();
  await expect(page).toHaveURL('/runs');
});

test('TM-3 two time zones read different times of the same instant', async ({ colleague, as }) => {
  const api = await as('operator');
  const { id } = await api.post<{ id: string }>('/runs', { datasets: ['launches'], mode: 'verify' });
  await api.ended(id);
  const read = async (timezoneId: string) => {
    const page = await colleague('viewer', { timezoneId });
    await page.goto(`/runs/${id}`);
    await page.getByRole('radiogroup', { name: 'Times' }).getByText('My zone').click();
    const time = page.getByRole('main').getByRole('time').first();
    await expect(time).toHaveText(/^\d{4}-\d\d-\d\d /);
    return { label: await time.innerText(), instant: await time.getAttribute('datetime') };
  };
  const [utc, madrid] = [await read('UTC'), await read('Europe/Madrid')];
  expect(madrid.instant).toBe(utc.instant);
  expect(madrid.label).not.toBe(utc.label);
});

test('LK-2 what stands in the databases is shown as text, whatever it looks like', async ({
  page,
  signInAs,
  databases,
}) => {
  await signInAs('viewer');
  await databases.operations('UPDATE public.notes SET body = $1 WHERE id = 11', [HOSTILE]);
  await page.goto('/explain?dataSet=notes&key=11');
  await expect(page.getByText('Source and target say the same')).toBeVisible();
  await expect(page.getByRole('row', { name: /^body / })).toContainText('<img src=x onerror="document.title=1">');
  expect(await page.locator('main img').count()).toBe(0);
  await expect(page).toHaveTitle(/^Explain 11/);
});
