import { expect, test } from '../support/test.js';
import { ROLES } from '../support/sign-ins.js';

/** What each role finds in the menu, what it may not open, and which verbs it sees without being able to use them. */

const WATCH = ['Overview', 'Data sets', 'Runs'];
const KNOW = ['Changes', 'Explain a value'];
const MENUS: Readonly<Record<(typeof ROLES)[number], Readonly<Record<string, readonly string[]>>>> = {
  viewer: { Watch: WATCH, Know: KNOW, 'Set up': ['Schedules'] },
  operator: { Watch: WATCH, Act: ['Start a sync'], Know: KNOW, 'Set up': ['Schedules'] },
  auditor: { Watch: WATCH, Know: [...KNOW, 'Audit trail'], 'Set up': ['Schedules'] },
  admin: {
    Watch: WATCH,
    Act: ['Start a sync'],
    Know: [...KNOW, 'Audit trail'],
    'Set up': ['Schedules', 'People', 'Integrations'],
  },
};

/** The menu as an aria snapshot: these groups with these links, and nothing else. */
function menuSnapshot(menu: Readonly<Record<string, readonly string[]>>): string {
  const groups = Object.entries(menu).flatMap(([group, labels]) => [
    `  - region "${group}":`,
    '    - list:',
    '      - /children: deep-equal',
    ...labels.flatMap((label) => ['      - listitem:', `        - link "${label}"`]),
  ]);
  return ['- navigation "Pages":', '  - /children: equal', ...groups].join('\n');
}

for (const role of ROLES) {
  test(`SH-1 KB-3 the menu and the palette of ${role} hold what this role may open, and nothing else`, async ({
    page,
    signInAs,
  }) => {
    await signInAs(role);
    await page.goto('/');
    const menu = page.getByRole('navigation', { name: 'Pages' });
    await expect(menu).toMatchAriaSnapshot(menuSnapshot(MENUS[role]));
    await expect(page.getByRole('button', { name: new RegExp(`^You: .*, ${role}$`) })).toBeVisible();

    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Search and commands' });
    const pages = palette.getByRole('button').filter({ hasNotText: 'Data set' });
    const expected = [...Object.values(MENUS[role]).flat(), 'Me'].filter((label) => label !== 'Data sets');
    await expect(pages).toHaveCount(expected.length);
    expect((await pages.allInnerTexts()).sort()).toEqual(expected.sort());
  });
}

test('who may not open a page is told so, which role may, and whom to ask', async ({ page, signInAs, look }) => {
  await signInAs('viewer');
  for (const [path, heading, roles] of [
    ['/audit', 'Audit trail', 'auditor and admin'],
    ['/people', 'People', 'admin'],
    ['/integrations', 'Integrations', 'admin'],
    ['/sync/new', 'Start a sync', 'operator and admin'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expect(page.getByText(`You are viewer; this page is for ${roles}.`)).toBeVisible();
  }
  await look('Start a sync');
  await page.getByRole('link', { name: 'Go to the Overview' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
});

test('ST-1 RD-7 verbs that a viewer may not use are visible, do nothing, and say why', async ({
  page,
  signInAs,
  colleague,
}) => {
  const operator = await colleague('operator');
  await operator.goto('/');
  const api = await signInAs('viewer');
  const before = (await api.get<{ items: unknown[] }>('/runs?limit=1')).items.length;
  for (const [path, names] of [
    ['/runs', ['Start a sync']],
    ['/data-sets/bookings', ['Sync this', 'Verify', 'Repair']],
    ['/schedules', ['Pause finance', 'Run finance now']],
  ] as const) {
    await page.goto(path);
    for (const name of names) {
      const button = page.getByRole('button', { name }).first();
      await expect(button).toBeDisabled();
      await expect(button).toHaveAccessibleDescription(/viewer|operator or admin/);
      await button.click({ force: true });
      await button.focus();
      await expect(page.getByRole('tooltip')).toContainText(/viewer|operator or admin/);
    }
    expect(new URL(page.url()).pathname).toBe(path);
  }
  expect((await api.get<{ items: unknown[] }>('/runs?limit=1')).items).toHaveLength(before);
});
