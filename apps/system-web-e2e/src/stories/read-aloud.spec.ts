import { expect, test } from '../support/test.js';

/** What the key pages say to those who hear them. */

const NAMES = ['bookings', 'finance', 'launches', 'notes', 'travelers'];

test('the shell and the overview', async ({ page, signInAs }) => {
  await signInAs('viewer');
  await page.goto('/');
  await expect(page.getByRole('banner').first()).toMatchAriaSnapshot(`
    - banner:
      - paragraph: AstroBookings synchronization
      - paragraph: /.+/
      - radiogroup "Times"
      - radiogroup "Colour scheme"
      - button "Search and commands"
      - button "Help"
      - 'button "You: Demo viewer, viewer"'
      - note "Environment": Local
  `);
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "Overview" [level=1]
      - combobox "Range"
      - status
      - region "Needs attention":
        - heading "Needs attention" [level=2]
      - region "Running now":
        - heading "Running now" [level=2]
      - region "Throughput"
      - region /^How runs ended/
      - region "Freshness":
        - table "Freshness"
      - region "Lately changed by"
  `);
});

test('DS-3 the list of data sets', async ({ page, signInAs }) => {
  await signInAs('viewer');
  await page.goto('/data-sets');
  await expect(page.getByRole('table', { name: 'Data sets' })).toMatchAriaSnapshot(`
    - table "Data sets":
      - rowgroup:
        - /children: deep-equal
        - row:
          - columnheader "Select all rows on this page":
            - checkbox "Select all rows on this page"
          - columnheader "Name":
            - button "Name"
          - columnheader "Status":
            - button "Status"
          - columnheader "Lag":
            - button "Lag"
          - columnheader "Mode":
            - button "Mode"
          - columnheader "Last run":
            - button "Last run"
          - columnheader "Keys set aside":
            - button "Keys set aside"
  `);
  for (const name of NAMES) {
    await expect(page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })).toHaveCount(1);
  }
});
