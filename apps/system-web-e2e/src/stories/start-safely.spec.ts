import { giveReason, makePlan, openedRun } from '../support/sync-steps.js';
import { plantExtras } from '../support/planted.js';
import { expect, test } from '../support/test.js';

/** What stands between a person and a run that was not meant. */

interface RunList {
  readonly items: readonly { readonly id: string }[];
}

test('CF-2 SY-8 an answer that got lost and a double click make one run', async ({ page, signInAs }) => {
  const api = await signInAs('operator');
  const ids = async () => (await api.get<RunList>('/runs?limit=50')).items.map(({ id }) => id);
  const before = await ids();
  await page.goto('/sync/new?dataSet=launches&mode=verify');
  await makePlan(page, { dataSets: ['launches'], mode: 'Verify' });
  await page.route(
    '**/api/v1/runs',
    async (route) => {
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  await page.getByRole('button', { name: 'Start the run' }).click();
  const dialog = page.getByRole('dialog', { name: 'Start verify of launches?' });
  await giveReason(dialog);
  await dialog.getByRole('button', { name: 'Start the run' }).click();
  await expect(dialog.getByText('It was not done')).toBeVisible();
  await expect(dialog.getByText(/Run \d+ was already started from this plan/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Do not start' }).click();
  const lost = (await ids()).filter((id) => !before.includes(id));
  expect(lost).toHaveLength(1);
  // While that run is at work it is also named as what is in the way.
  await expect(page.getByRole('link', { name: `Open run ${lost[0]}` }).first()).toBeVisible();
  await api.ended(lost[0] ?? '');

  await page.getByRole('button', { name: 'Plan again' }).click();
  await expect(page.getByText('This plan cannot be started')).toBeHidden();
  await page.getByRole('button', { name: 'Start the run' }).click();
  await giveReason(dialog);
  await dialog.getByRole('button', { name: 'Start the run' }).dblclick();
  const second = await openedRun(page);
  expect((await ids()).filter((id) => !before.includes(id))).toEqual([second, ...lost]);
});

test('CF-3 SY-4 a run that would remove much starts only when the value of its plan is typed', async ({
  page,
  signInAs,
  databases,
  look,
}) => {
  const api = await signInAs('operator');
  const extras = await plantExtras(databases, 20);
  await page.goto('/sync/new');
  await makePlan(page, { dataSets: ['launches'], mode: 'Full copy' });
  await page.getByRole('button', { name: 'Start the run' }).click();
  const dialog = page.getByRole('dialog', { name: 'Start full copy of launches?' });
  await expect(dialog).toMatchAriaSnapshot(`
    - dialog:
      - banner:
        - /children: deep-equal
        - heading "Start full copy of launches?" [level=2]
        - button "Close the dialog":
          - img
      - paragraph: It removes a large share of the target, and what is removed there is gone. Read the numbers once more.
      - paragraph: /.+/
      - term: To insert
      - definition: "0"
      - term: To change
      - definition: "0"
      - term: To remove
      - definition: "${extras.length}"
      - term: Same
      - definition: "50"
      - term: Time
      - definition
      - paragraph: /These numbers are .* old\\./
      - text: /Reason/
      - paragraph: Is kept in the audit trail.
      - textbox /Reason/
      - text: /Type [0-9A-F]+ to confirm/
      - textbox /Type [0-9A-F]+ to confirm/
      - text: /curl -X POST/
      - button "Copy command line"
      - status
      - button "Do not start"
      - button "Start the run" [disabled]
  `);
  await look('Start a sync');
  const field = dialog.getByRole('textbox', { name: /to confirm/ });
  const [, value = ''] = /Type (\S+) to confirm/.exec(await dialog.innerText()) ?? [];
  await field.fill(value.slice(0, -1));
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Enter');
  await expect(dialog.getByRole('button', { name: 'Start the run' })).toBeDisabled();
  await field.fill(value);
  await giveReason(dialog);
  await dialog.getByRole('button', { name: 'Start the run' }).click();
  const { state, progress } = await api.ended(await openedRun(page));
  expect({ state, removed: progress.removed }).toEqual({ state: 'succeeded', removed: extras.length });
});

test('SY-3 of two people with overlapping data sets the second is offered to wait, and there is one writer', async ({
  page,
  signInAs,
  as,
}) => {
  const admin = await as('admin');
  const options = { rateLimitRowsPerS: 10 };
  const first = await admin.post<{ id: string }>('/runs', { datasets: ['bookings'], mode: 'full', options });
  const api = await signInAs('operator');
  await page.goto('/sync/new');
  await makePlan(page, { dataSets: ['bookings', 'launches'], mode: 'Full copy' });
  await page.getByRole('button', { name: 'Start the run' }).click();
  const dialog = page.getByRole('dialog', { name: 'Start full copy of bookings, launches?' });
  await giveReason(dialog);
  await dialog.getByRole('button', { name: 'Start the run' }).click();
  await expect(dialog.getByText('It was not done')).toBeVisible();
  await dialog.getByRole('button', { name: 'Do not start' }).click();
  await page.getByRole('radio', { name: 'Wait behind it' }).check();
  await page.getByRole('button', { name: 'Start the run' }).click();
  await giveReason(dialog);
  await dialog.getByRole('button', { name: 'Start the run' }).click();
  const second = await openedRun(page);
  await expect(page.getByText('This run waits')).toBeVisible();
  await expect(page.getByRole('link', { name: `run ${first.id}` })).toBeVisible();
  expect((await api.run(second)).state).toBe('queued');
  await admin.post(`/runs/${first.id}/cancel`);
  expect((await api.ended(second)).state).toBe('succeeded');
});
