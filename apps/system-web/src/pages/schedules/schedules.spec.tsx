import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { aPerson, aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import { aRun } from '../../features/runs/runs.fixture.js';
import { type Schedule } from '../../generated/index.js';

const server = fakeApi();
const LIST = '/api/v1/schedules';
const OK = { ok: true };

function schedule(more: Partial<Schedule> = {}): Schedule {
  return {
    dataSet: 'launches',
    cron: '30 2 * * *',
    timeZone: 'Europe/Madrid',
    next: ['2027-03-27T01:30:00.000Z', '2027-03-28T01:00:00.000Z', '2027-03-29T00:30:00.000Z'],
    paused: null,
    lastRun: { id: '4', state: 'succeeded', scheduledFor: '2026-11-21T01:30:00.000Z', finishedAt: null },
    lastSkipped: null,
    allowed: { pause: OK, resume: { ok: false, reason: 'It is not paused.' }, run: OK },
    ...more,
  };
}

const paused = schedule({
  next: [],
  paused: { by: { kind: 'user', id: '3', name: 'bo@astro.example' }, reason: 'Migration', at: '2026-11-21T01:00:00Z' },
  allowed: { pause: { ok: false, reason: 'It is paused already.' }, resume: OK, run: OK },
});

const answer = (...items: Schedule[]) =>
  http.get(LIST, () => HttpResponse.json({ items, asOf: '2026-11-22T10:00:00.000Z' }));

describe('the schedules', () => {
  it('VS-1 VS-3 shows the shape of the list while the first answer takes long', async () => {
    await renderApp({ at: '/schedules', server, handlers: [http.get(LIST, () => delay('infinite'))] });
    expect(await screen.findByText('Loading the schedules')).toBeInTheDocument();
  });

  it('VS-1 VS-3 says what a schedule is when there is none', async () => {
    await renderApp({ at: '/schedules', server, handlers: [answer()] });
    expect(await screen.findByText('No schedule yet')).toBeVisible();
  });

  it('VS-1 VS-3 names the filter that hides everything, and clears it', async () => {
    await renderApp({ at: '/schedules?dataSet=zzz', server, handlers: [answer(schedule())] });
    expect(await screen.findByText('Nothing matches')).toBeVisible();
    await expect(document.body).toBeAccessible();
    await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
    expect(await screen.findByRole('link', { name: 'launches' })).toBeVisible();
  });

  it('VS-1 VS-3 explains a failure', async () => {
    await renderApp({
      at: '/schedules',
      server,
      handlers: [http.get(LIST, () => aProblem(403, { title: 'Forbidden' }))],
    });
    expect(await screen.findByText('Forbidden', undefined, { timeout: 10_000 })).toBeVisible();
  }, 15_000);

  it('SC-2 VS-3 shows the rule in words, its zone and the next three instants across a change of clocks', async () => {
    await renderApp({ at: '/schedules', server, handlers: [answer(schedule())] });
    expect(await screen.findByText('every day at 02:30')).toBeVisible();
    expect(screen.getByText(/in Europe\/Madrid/)).toBeVisible();
    const row = within(screen.getByRole('link', { name: 'launches' }).closest('tr') as HTMLElement);
    const [first, second, third] = row.getAllByRole('listitem');
    expect(first).toHaveTextContent('2027-03-27 02:30:00');
    expect(second).toHaveTextContent('2027-03-28 03:00:00');
    expect(third).toHaveTextContent('2027-03-29 02:30:00');
    expect(row.getByRole('link', { name: 'Run 4' })).toHaveAttribute('href', '/runs/4');
    expect(row.getByText('active')).toBeVisible();
  });

  it('SC-1 says who paused it and why, what was skipped, and that it never ran', async () => {
    const skipped = { scheduledFor: '2026-11-21T01:30:00.000Z', reason: 'Run 4 had not ended.' };
    const item = { ...paused, cron: '0 6 1-7 * 1', lastRun: null, lastSkipped: skipped };
    await renderApp({ at: '/schedules', server, handlers: [answer(item)] });
    expect(await screen.findByText('Migration')).toBeVisible();
    for (const text of [/by bo@astro.example/, 'by its own rule', 'never ran', /Run 4 had not ended/]) {
      expect(screen.getByText(text)).toBeVisible();
    }
  });

  it('SC-3 pausing asks for the reason that everybody sees', async () => {
    const bodies: unknown[] = [];
    let shown = schedule();
    const patch = http.patch(`${LIST}/launches`, async ({ request }) => {
      bodies.push(await request.json());
      shown = paused;
      return HttpResponse.json(paused);
    });
    const handlers = [http.get(LIST, () => HttpResponse.json({ items: [shown], asOf: '2026-11-22T10:00:00Z' })), patch];
    await renderApp({ at: '/schedules', server, handlers });
    await userEvent.click(await screen.findByRole('button', { name: 'Pause launches' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Pause the schedule of launches?' }));
    const confirm = dialog.getByRole('button', { name: 'Pause the schedule' });
    await userEvent.click(confirm);
    expect(bodies).toEqual([]);
    await userEvent.type(dialog.getByRole('textbox', { name: /Reason/ }), 'Migration');
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    expect(await screen.findByText('The schedule of launches is paused')).toBeVisible();
    expect(bodies).toEqual([{ paused: true, reason: 'Migration' }]);
    expect(await screen.findByRole('button', { name: 'Resume launches' })).toBeVisible();
  });

  it('SC-3 resuming is one click', async () => {
    const body = jest.fn();
    const patch = http.patch(`${LIST}/launches`, async ({ request }) => {
      body(await request.json());
      return HttpResponse.json(schedule());
    });
    await renderApp({ at: '/schedules', server, handlers: [answer(paused), patch] });
    await userEvent.click(await screen.findByRole('button', { name: 'Resume launches' }));
    expect(await screen.findByText('The schedule of launches goes on')).toBeVisible();
    expect(body).toHaveBeenCalledWith({ paused: false });
  });

  it('SC-3 running now starts one run, and a refusal is told in the dialog', async () => {
    const keys: (string | null)[] = [];
    const run = http.post(`${LIST}/launches/run`, ({ request }) => {
      keys.push(request.headers.get('idempotency-key'));
      if (keys.length === 1) return aProblem(409, { detail: '"launches" already has run 4.' });
      return HttpResponse.json(aRun({ id: '5' }), { status: 201 });
    });
    await renderApp({ at: '/schedules', server, handlers: [answer(schedule()), run] });
    await userEvent.click(await screen.findByRole('button', { name: 'Run launches now' }));
    const confirm = await screen.findByRole('button', { name: 'Run it now' });
    await userEvent.click(confirm);
    expect(await screen.findByText('"launches" already has run 4.')).toBeVisible();
    await userEvent.click(confirm);
    expect(await screen.findByRole('link', { name: 'Open run 5' })).toHaveAttribute('href', '/runs/5');
    await waitFor(() => expect(keys).toEqual([keys[0], keys[0]]));
  });

  it('SC-3 a viewer sees why they cannot act', async () => {
    const no = { ok: false, reason: 'Your role viewer may only look; ask an operator.' };
    const item = schedule({ allowed: { pause: no, resume: no, run: no } });
    await renderApp({ at: '/schedules', server, me: aPerson('viewer'), handlers: [answer(item)] });
    const button = await screen.findByRole('button', { name: 'Run launches now' });
    expect(button).toHaveAccessibleDescription(/may only look/);
  });
});
