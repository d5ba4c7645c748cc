import { type Page } from '@playwright/test';
import { type Api } from '../support/api.js';
import { auditEntries, type AuditEntry, cellsOf, lineOf, savedBy } from '../support/audit.js';
import { rowWith } from '../support/lists.js';
import { plantExtras } from '../support/planted.js';
import { giveReason, makePlan, openedRun } from '../support/sync-steps.js';
import { expect, test } from '../support/test.js';

/** What is written down of what people do, and how it is found and taken away. */

test.describe.configure({ timeout: 180_000 });

const OPERATOR = 'operator@astrobookings.example';
const RATES = [10, 20, 30, 40, 60, 70, 80, 50];
type Details = Readonly<Record<string, unknown>>;

/** Does something and waits until the server has taken it. */
async function acts(page: Page, act: () => Promise<unknown>, method = 'PATCH'): Promise<void> {
  const taken = page.waitForResponse((response) => response.request().method() === method && response.ok());
  await act();
  await taken;
}

/** Changes preferences in the header and on the page of the person. @returns the preference and its new value, each */
async function changePreferences(page: Page): Promise<readonly (readonly [string, unknown])[]> {
  const choose = (group: string, word: string) =>
    acts(page, () => page.getByRole('radiogroup', { name: group }).getByText(word, { exact: true }).click());
  await page.goto('/me');
  for (const word of ['Dark', 'Light', 'Dark', 'Auto']) await choose('Colour scheme', word);
  for (const word of ['12 h', '24 h']) await choose('Clock', word);
  for (const word of ['Compact', 'Normal']) await choose('Rows of tables', word);
  for (const zone of ['Europe/Madrid', 'browser']) {
    await acts(page, () => page.getByRole('combobox', { name: 'Time zone' }).selectOption(zone));
  }
  const shortcuts = page.getByRole('switch', { name: 'Single-key shortcuts' });
  for (let i = 0; i < 2; i++) await acts(page, () => shortcuts.click({ force: true }));
  return [
    ...['dark', 'light', 'dark', 'auto'].map((theme) => ['theme', theme] as const),
    ...['12h', '24h'].map((clock) => ['clock', clock] as const),
    ...['compact', 'normal'].map((density) => ['density', density] as const),
    ...['Europe/Madrid', 'browser'].map((zone) => ['zone', zone] as const),
    ...[false, true].map((shortcuts) => ['shortcuts', shortcuts] as const),
  ];
}

async function pauseAndResumeSchedule(page: Page): Promise<void> {
  await page.goto('/schedules');
  for (let i = 0; i < 2; i++) {
    await page.getByRole('button', { name: 'Pause finance' }).click();
    await giveReason(page.getByRole('dialog'));
    await page.getByRole('dialog').getByRole('button', { name: 'Pause the schedule' }).click();
    await acts(page, () => page.getByRole('button', { name: 'Resume finance' }).click());
  }
  await expect(page.getByRole('button', { name: 'Pause finance' })).toBeVisible();
}

/** Pauses a run, changes its limit, lets it go on, and cancels it. */
async function steer(page: Page, id: string): Promise<void> {
  await page.goto(`/runs/${id}`);
  await acts(page, () => page.getByRole('button', { name: 'Pause' }).click(), 'POST');
  for (const rate of RATES) {
    await page.getByRole('textbox', { name: /^Rate limit/ }).fill(String(rate));
    await acts(page, () => page.getByRole('button', { name: 'Set the limit' }).click());
  }
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
  await expect(page.locator('.status-badge').filter({ hasText: /^cancelled$/ })).not.toHaveCount(0);
}

/** What the dialog shows before the start, by name. */
async function startFromPlan(page: Page): Promise<Readonly<Record<string, number>>> {
  await page.goto('/sync/new');
  await makePlan(page, { dataSets: ['launches'], mode: 'Full copy' });
  await page.getByRole('button', { name: 'Start the run' }).click();
  const dialog = page.getByRole('dialog', { name: 'Start full copy of launches?' });
  const shown = async (name: string) =>
    Number(await dialog.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd').innerText());
  const numbers = {
    inserts: await shown('To insert'),
    changes: await shown('To change'),
    removals: await shown('To remove'),
    same: await shown('Same'),
  };
  await giveReason(dialog);
  await dialog.getByRole('button', { name: 'Start the run' }).click();
  return numbers;
}

test('AU-1 CF-4 thirty acts on four screens are thirty entries, each with what was before and after', async ({
  page,
  signInAs,
  as,
  databases,
}) => {
  const auditor = await as('auditor');
  const api = await signInAs('operator');
  const newest = async () => (await auditEntries(auditor, { actor: OPERATOR, from: HOUR_AGO() }))[0];
  const before = await newest();
  await plantExtras(databases, 2);
  const numbers = await startFromPlan(page);
  await api.ended(await openedRun(page));
  const options = { rateLimitRowsPerS: 100 };
  const { id } = await api.post<{ id: string }>('/runs', { datasets: ['bookings'], mode: 'full', options });
  await steer(page, id);
  await pauseAndResumeSchedule(page);
  const preferences = await changePreferences(page);

  const written = (await auditEntries(auditor, { actor: OPERATOR, from: HOUR_AGO() })).reverse();
  const entries = written.slice(written.findIndex((entry) => entry.id === before?.id) + 1);
  expect(entries.map(({ action }) => action)).toEqual([
    ...['run.preview', 'run.start', 'run.start', 'run.pause'],
    ...RATES.map(() => 'run.change'),
    ...['run.resume', 'run.cancel'],
    ...['schedule.pause', 'schedule.resume', 'schedule.pause', 'schedule.resume'],
    ...preferences.map(() => 'me.change'),
  ]);
  expect(entries).toHaveLength(30);
  expect(entries.map(({ result }) => result)).toEqual(entries.map(() => 'succeeded'));
  const detailsOf = (...actions: string[]): Details[] =>
    entries.filter(({ action }) => actions.includes(action)).map(({ details }) => details);
  expect(numbers).toMatchObject({ removals: 2, same: 50 });
  expect(detailsOf('run.start')[0]?.['planned']).toEqual(numbers);
  expectSteering(detailsOf);
  expectPreferences(detailsOf('me.change'), preferences);
});

const HOUR_AGO = (): string => new Date(Date.now() - 3_600_000).toISOString();

function expectSteering(detailsOf: (...actions: string[]) => Details[]): void {
  expect(detailsOf('run.change').map(({ rateLimitRowsPerS }) => rateLimitRowsPerS)).toEqual(
    RATES.map((after, index) => ({ before: RATES[index - 1] ?? 100, after })),
  );
  expect(detailsOf('run.pause', 'run.resume')).toEqual([
    expect.objectContaining({ before: expect.stringMatching(/queued|running/), changed: true }),
    expect.objectContaining({ before: expect.stringMatching(/paus/), after: 'running', changed: true }),
  ]);
  expect(detailsOf('run.cancel')).toEqual([expect.objectContaining({ before: 'running', changed: true })]);
  const paused = { before: { paused: false }, after: { paused: true }, reason: 'Agreed with the owner' };
  const resumed = { before: { paused: true }, after: { paused: false } };
  expect(detailsOf('schedule.pause', 'schedule.resume')).toMatchObject([paused, resumed, paused, resumed]);
}

/** Each entry begins where the one before ended, and differs in the one thing that was chosen. */
function expectPreferences(details: readonly Details[], chosen: readonly (readonly [string, unknown])[]): void {
  const preferencesOf = (facts: unknown) => (facts as { preferences: Details }).preferences;
  for (const [index, { before, after }] of details.entries()) {
    const [name = '', value] = chosen[index] ?? [];
    expect(preferencesOf(after)).toEqual({ ...preferencesOf(before), [name]: value });
    if (index > 0) expect(before).toEqual(details[index - 1]?.['after']);
  }
}

/** Some entries of one's own to find: runs with a reason, and one that is refused. */
async function actsToFind(api: Api, word: string): Promise<void> {
  for (const mode of ['verify', 'full']) {
    const body = { datasets: ['launches'], mode, reason: `${word} says "go", twice` };
    await api.ended((await api.post<{ id: string }>('/runs', body)).id);
  }
}

test('TB-3 AU-4 what is exported is what the filters let through, value for value', async ({
  page,
  signInAs,
  as,
  look,
}) => {
  const word = `exported-${Date.now()}`;
  const operator = await as('operator');
  await actsToFind(operator, word);
  const api = await signInAs('auditor');
  const same = async (filter: Readonly<Record<string, string>>): Promise<readonly AuditEntry[]> => {
    await page.goto(`/audit?${new URLSearchParams(filter).toString()}`);
    await expect(page.getByRole('table', { name: 'Audit entries' })).toBeVisible();
    const csv = await savedBy(page, 'Export the filtered entries as CSV');
    const lines = await savedBy(page, 'Export the filtered entries as JSON lines');
    const entries = await auditEntries(api, filter);
    expect(csv.name).toMatch(/^audit_[\dT-]+Z_filtered\.csv$/);
    expect(cellsOf(csv.text).slice(1)).toEqual(entries.map(lineOf));
    expect(lines.text.trimEnd().split('\n')).toEqual(entries.map((entry) => JSON.stringify(entry)));
    return entries;
  };
  expect(await same({ text: word, action: 'run.start' })).toHaveLength(2);
  await look('Audit trail');
  const starts = await same({ action: 'run.start', actor: OPERATOR });
  expect(starts.length).toBeGreaterThanOrEqual(2);
  const first = starts.at(-1)?.timestamp ?? '';
  const ofRuns = await same({ entityType: 'run', from: first, result: 'succeeded' });
  expect(ofRuns.length).toBeGreaterThanOrEqual(starts.length);
});

test('AU-6 a correlation id leads from the act to its changes, and back', async ({
  page,
  signInAs,
  databases,
  look,
}) => {
  const story = `story-${Date.now()}`;
  const api = await signInAs('admin');
  const { id } = await api.post<{ id: string }>(
    '/runs',
    { datasets: ['launches'], mode: 'verify' },
    { 'x-correlation-id': story },
  );
  await databases.operations(
    `BEGIN; SELECT sync.set_origin('BookingAPI', 'eva', 'bookings.seats', NULL, '${story}');
     UPDATE public.bookings SET number_of_seats = number_of_seats + 1
     WHERE id = (SELECT max(id) FROM public.bookings); COMMIT`,
  );
  await page.goto(`/audit?correlationId=${story}`);
  const entries = page.getByRole('table', { name: 'Audit entries' }).locator('tbody').getByRole('row');
  await expect(entries).toHaveCount(1);
  await expect(entries).toContainText(`run ${id}`);
  await entries.getByRole('link').first().click();
  const drawer = page.getByRole('dialog', { name: /^Entry \d+/ });
  await expect(drawer).toContainText(story);
  await look('Audit trail');
  await drawer.getByRole('link', { name: 'Changes of the same story' }).click();

  const changes = page.getByRole('table', { name: 'Changes' });
  await expect(changes.locator('tbody').getByRole('row')).toHaveCount(2);
  for (const dataSet of ['bookings', 'launches']) await expect(rowWith(changes, dataSet)).toContainText('completed');
  await rowWith(changes, 'bookings')
    .getByRole('button', { name: /^eva via BookingAPI/ })
    .click();
  await page.getByRole('dialog', { name: /^eva/ }).getByRole('link', { name: 'Find in the audit trail' }).click();
  await expect(page).toHaveURL(new RegExp(`/audit\\?correlationId=${story}`));
  await expect(entries).toHaveCount(1);
  await expect(entries).toContainText(`run ${id}`);
});
