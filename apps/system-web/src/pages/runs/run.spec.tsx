import { RUN_STATES, type Role } from '@astro/contracts';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { mayUse, runVerbs } from '@astro/web-ui';
import { delay, http, HttpResponse } from 'msw';
import { aPerson, aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import {
  ALL_ALLOWED,
  aPreview,
  aRun,
  aSeries,
  errorPage,
  previewItem,
  progress,
  runError,
  runItem,
} from '../../features/runs/runs.fixture.js';
import { type Run } from '../../generated/index.js';

const server = fakeApi();
const ADDRESS = '/api/v1/runs/7';
const answer = (run: Run) => http.get(ADDRESS, () => HttpResponse.json(run));
beforeEach(() => server.use(http.get('/api/v1/runs/:id/series', () => HttpResponse.json(aSeries()))));

const BUTTONS = {
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel the run',
  retry: 'Retry failed only',
  run_again: 'Run again',
} as const;

describe('a run', () => {
  it('VS-1 VS-3 shows that it is loading, and explains a failure', async () => {
    await renderApp({ at: '/runs/7', server, handlers: [http.get(ADDRESS, () => delay('infinite'))] });
    expect(await screen.findByText('Loading run 7')).toBeInTheDocument();
  });

  it('VS-1 VS-3 says that there is no such run', async () => {
    const missing = http.get(ADDRESS, () => aProblem(404, { title: 'Not Found', detail: 'There is no run 7.' }));
    await renderApp({ at: '/runs/7', server, handlers: [missing] });
    expect(await screen.findByText('There is no run 7.', undefined, { timeout: 10_000 })).toBeVisible();
  }, 15_000);

  it('RD-8 VS-3 the header tells scope, progress, time left and who started it', async () => {
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun())] });
    expect(await screen.findByText('Full copy of orders')).toBeVisible();
    expect(screen.getByRole('heading', { level: 1, name: 'Run 7' })).toBeVisible();
    expect(screen.getByText(/about 4–6 min left/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'ana@astro.example' })).toBeVisible();
    expect(document.title).toMatch(/^Run 7 · 37 %/);
    const items = within(screen.getByRole('table', { name: 'Data sets of run 7' }));
    expect(items.getByRole('link', { name: 'orders' })).toHaveAttribute('href', '/data-sets/orders');
  });

  it.each(
    RUN_STATES.flatMap((state) =>
      (['viewer', 'operator', 'auditor', 'admin'] as Role[]).map((role) => [state, role] as const),
    ),
  )('RD-7 the verbs of a run that is %s, for the role %s', async (state, role) => {
    const offered = runVerbs(state);
    const isReader = role === 'viewer' || role === 'auditor';
    const refusal = { ok: false, reason: `Your role ${role} may only look; ask an operator.` };
    const allowed = isReader ? { pause: refusal, resume: refusal, cancel: refusal, retry: refusal } : ALL_ALLOWED;
    await renderApp({ at: '/runs/7', server, me: aPerson(role), handlers: [answer(aRun({ state, allowed }))] });
    await screen.findByText('Full copy of orders');
    for (const [verb, name] of Object.entries(BUTTONS) as [keyof typeof BUTTONS, string][]) {
      const button = screen.queryByRole('button', { name });
      expect(button !== null).toBe(offered.includes(verb));
      const isOff = button?.getAttribute('aria-disabled') === 'true';
      if (button) expect(isOff).toBe(isReader || !mayUse(verb, state, role).ok);
    }
  });

  it('RD-7 a verb that is refused says why', async () => {
    const allowed = { ...ALL_ALLOWED, pause: { ok: false, reason: 'It ends this moment.' } };
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun({ allowed }))] });
    expect(await screen.findByRole('button', { name: 'Pause' })).toHaveAccessibleDescription('It ends this moment.');
  });

  it('CF-1 pausing needs no dialog and can be undone', async () => {
    let run = aRun();
    const steer = (verb: string, state: Run['state']) =>
      http.post(`${ADDRESS}/${verb}`, () => {
        run = aRun({ state, version: run.version + 1 });
        return HttpResponse.json(run);
      });
    const handlers = [
      http.get(ADDRESS, () => HttpResponse.json(run)),
      steer('pause', 'pausing'),
      steer('resume', 'running'),
    ];
    await renderApp({ at: '/runs/7', server, handlers });
    await userEvent.click(await screen.findByRole('button', { name: 'Pause' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(await screen.findByText('Run 7 goes on')).toBeVisible();
  });

  it('KB-1 the focus goes to the content when the button that was pressed is gone, and never to another act', async () => {
    let run = aRun();
    const pause = http.post(`${ADDRESS}/pause`, () => {
      run = aRun({ state: 'paused', version: run.version + 1 });
      return HttpResponse.json(run);
    });
    await renderApp({ at: '/runs/7', server, handlers: [http.get(ADDRESS, () => HttpResponse.json(run)), pause] });
    (await screen.findByRole('button', { name: 'Pause' })).focus();
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(screen.getByRole('main')).toHaveFocus());
    expect(screen.getByRole('button', { name: 'Resume' })).toBeVisible();
  });

  it('KB-1 after the last verb is gone the focus is on the content', async () => {
    let run = aRun();
    const cancel = http.post(`${ADDRESS}/cancel`, () => {
      run = aRun({ state: 'cancelling', version: run.version + 1 });
      return HttpResponse.json(run);
    });
    await renderApp({ at: '/runs/7', server, handlers: [http.get(ADDRESS, () => HttpResponse.json(run)), cancel] });
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel the run' }));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.click(dialog.getByRole('button', { name: 'Cancel the run' }));
    await waitFor(() => expect(screen.getByRole('main')).toHaveFocus());
  });

  it('a run that failed as a whole says why once, and promises no failing row', async () => {
    const stateReason = 'The target table is gone.';
    const items = [runItem({ state: 'failed', message: stateReason })];
    const run = aRun({ state: 'failed', stateReason, items });
    const none = http.get(`${ADDRESS}/errors`, () => HttpResponse.json(errorPage([])));
    await renderApp({ at: '/runs/7?tab=errors', server, handlers: [answer(run), none] });
    expect(await screen.findAllByText(new RegExp(stateReason))).toHaveLength(1);
    expect(screen.queryByRole('link', { name: 'Look at the errors' })).not.toBeInTheDocument();
    expect(await screen.findByText('No single row failed; why the run ended stands above.')).toBeVisible();
  });

  it('CF-1 cancelling says what stays, starts on the safe button and closes by Escape', async () => {
    const cancelled = jest.fn();
    const cancel = http.post(`${ADDRESS}/cancel`, () => {
      cancelled();
      return HttpResponse.json(aRun({ state: 'cancelling', version: 2 }));
    });
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun()), cancel] });
    const trigger = await screen.findByRole('button', { name: 'Cancel the run' });
    await userEvent.click(trigger);
    const dialog = within(await screen.findByRole('dialog', { name: 'Cancel run 7?' }));
    await waitFor(() => expect(dialog.getByText(/30.000 of 80.000 rows are already applied and stay/)).toBeVisible());
    await waitFor(() => expect(dialog.getByRole('button', { name: 'Keep it going' })).toHaveFocus());
    expect(dialog.queryByRole('textbox', { name: /Reason/ })).not.toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(cancelled).not.toHaveBeenCalled();
    await userEvent.click(trigger);
    const again = within(await screen.findByRole('dialog'));
    await userEvent.click(again.getByRole('button', { name: 'Cancel the run' }));
    expect(await screen.findByText('Run 7 is being cancelled')).toBeVisible();
    expect(cancelled).toHaveBeenCalledTimes(1);
  });

  it('CF-2 a retry that failed is tried again with the same key, and opens the new run', async () => {
    const keys: (string | null)[] = [];
    const retry = http.post(`${ADDRESS}/retry`, ({ request }) => {
      keys.push(request.headers.get('idempotency-key'));
      if (keys.length === 1) return aProblem(409, { code: 'DATA_SET_BUSY', detail: '"orders" already has run 8.' });
      return HttpResponse.json(aRun({ id: '9', retryOf: '7' }), { status: 201 });
    });
    const newRun = http.get('/api/v1/runs/9', () => HttpResponse.json(aRun({ id: '9', retryOf: '7' })));
    const failed = aRun({ state: 'failed', stateReason: 'The source went away.' });
    const view = await renderApp({ at: '/runs/7', server, handlers: [answer(failed), retry, newRun] });
    expect(await screen.findByText(/The source went away/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Retry failed only' }));
    const confirm = await screen.findByRole('button', { name: 'Start a run of what failed' });
    await userEvent.click(confirm);
    expect(await screen.findByText('"orders" already has run 8.')).toBeVisible();
    await userEvent.click(confirm);
    await waitFor(() => expect(view.history.location.pathname).toBe('/runs/9'));
    expect(await screen.findByRole('link', { name: 'retry of run 7' })).toBeVisible();
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it('RD-1 the rate limit is changed while the run goes on, and a refusal stands at its field', async () => {
    const bodies: unknown[] = [];
    const patch = http.patch(ADDRESS, async ({ request }) => {
      bodies.push(await request.json());
      if (bodies.length === 1) return aProblem(409, { code: 'RUN_STATE', detail: 'The run has ended.' });
      return HttpResponse.json(aRun({ rateLimitRowsPerS: 500, version: 2 }));
    });
    let shown = aRun();
    await renderApp({ at: '/runs/7', server, handlers: [http.get(ADDRESS, () => HttpResponse.json(shown)), patch] });
    const field = await screen.findByRole('textbox', { name: 'Rate limit: none' });
    const set = screen.getByRole('button', { name: 'Set the limit' });
    expect(set).toHaveAttribute('aria-disabled', 'true');
    await userEvent.type(field, '500');
    await userEvent.click(screen.getByRole('button', { name: 'Set the limit' }));
    await waitFor(() => expect(field).toHaveAccessibleDescription('The run has ended.'));
    shown = aRun({ rateLimitRowsPerS: 500, version: 2 });
    await userEvent.click(screen.getByRole('button', { name: 'Set the limit' }));
    expect(await screen.findByText('Run 7 is limited to 500 rows/s')).toBeVisible();
    expect(await screen.findByRole('textbox', { name: 'Rate limit: 500 rows/s' })).toBeVisible();
    expect(bodies).toEqual([{ rateLimitRowsPerS: 500 }, { rateLimitRowsPerS: 500 }]);
  });

  it('LV-3 an answer with a lower version is dropped', async () => {
    let asked = 0;
    const handler = http.get(ADDRESS, () => {
      asked += 1;
      return HttpResponse.json(asked === 1 ? aRun({ version: 5 }) : aRun({ version: 4, state: 'queued' }));
    });
    await renderApp({ at: '/runs/7', server, handlers: [handler] });
    await screen.findByText('Full copy of orders');
    await waitFor(() => expect(asked).toBeGreaterThan(1), { timeout: 5_000 });
    expect(screen.queryByText('This run waits')).not.toBeInTheDocument();
  }, 10_000);

  it('RD-3 a guard that stopped the run is told in its own words, with the way to plan again', async () => {
    const stopped = aRun({
      state: 'stopped_by_guard',
      stateReason: 'It would remove 40 % of orders.',
      items: [runItem({ state: 'stopped_by_guard', message: 'Removals: 400 of 1000.' })],
    });
    await renderApp({ at: '/runs/7', server, handlers: [answer(stopped)] });
    const note = within(await screen.findByRole('alert'));
    expect(note.getByText('A guard has stopped this run')).toBeVisible();
    expect(note.getByText(/It would remove 40 % of orders/)).toBeVisible();
    expect(note.getByText(/Removals: 400 of 1000/)).toBeVisible();
    expect(note.getByRole('link', { name: 'Plan again' })).toHaveAttribute(
      'href',
      '/sync/new?dataSet=orders&mode=full',
    );
  });

  it('RD-1 a run that waits names the run before it', async () => {
    const queued = aRun({ state: 'queued', queuedBehind: '6', progress: progress({ percent: null }) });
    await renderApp({ at: '/runs/7', server, handlers: [answer(queued)] });
    expect(await screen.findByRole('link', { name: 'run 6' })).toHaveAttribute('href', '/runs/6');
  });
});

describe('the errors of a run', () => {
  const errors = `${ADDRESS}/errors`;
  const at = '/runs/7?tab=errors';

  it('RD-4 VS-3 are grouped by cause, with key, field and advice, and a group is a filter', async () => {
    const asked: URLSearchParams[] = [];
    const handler = http.get(errors, ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json(errorPage([runError()], { total: 3_333, nextCursor: 'c2' }));
    });
    const view = await renderApp({ at, server, handlers: [answer(aRun({ state: 'failed' })), handler] });
    const rows = within(await screen.findByRole('table', { name: 'Errors row by row' }));
    const key = new URLSearchParams({ dataSet: 'orders', table: 'public.orders', key: '4711' });
    expect(rows.getByRole('link', { name: '4711' })).toHaveAttribute('href', `/explain?${key.toString()}`);
    expect(rows.getByText('price')).toBeVisible();
    expect(rows.getByText('Correct the price at the source, then retry.')).toBeVisible();
    const groups = within(screen.getByRole('table', { name: 'Errors by cause' }));
    await userEvent.click(groups.getByRole('button', { name: 'could not be written' }));
    await waitFor(() => expect(view.history.location.search).toContain('code=22003'));
    await waitFor(() =>
      expect(Object.fromEntries(asked.at(-1) ?? [])).toMatchObject({
        kind: 'failed',
        dataSet: 'orders',
        code: '22003',
      }),
    );
    await userEvent.click(await screen.findByRole('button', { name: 'Next page' }));
    await waitFor(() => expect(asked.at(-1)?.get('cursor')).toBe('c2'));
    await userEvent.click(screen.getByRole('button', { name: 'Remove the filter Code: 22003' }));
    await waitFor(() => expect(view.history.location.search).not.toContain('code='));
  });

  it('VS-1 VS-3 none, none that match, and a failure of the block alone', async () => {
    let answered: () => Response = () => HttpResponse.json(errorPage([]));
    const handlers = [answer(aRun({ state: 'succeeded' })), http.get(errors, () => answered())];
    const first = await renderApp({ at, server, handlers });
    expect(await screen.findByText('No error and no difference')).toBeVisible();
    await expect(document.body).toBeAccessible();
    first.unmount();
    const second = await renderApp({ at: `${at}&kind=extra`, server, handlers });
    expect(await screen.findByText('Nothing matches')).toBeVisible();
    await expect(document.body).toBeAccessible();
    second.unmount();
    answered = () => aProblem(403, { title: 'Forbidden' });
    await renderApp({ at, server, handlers });
    expect(await screen.findByText('Forbidden', undefined, { timeout: 10_000 })).toBeVisible();
    expect(screen.getByText('Full copy of orders')).toBeVisible();
  }, 20_000);
});

describe('the plan of a run', () => {
  it('SY-1 stands beside the result, per kind of row', async () => {
    const plan = http.get('/api/v1/runs/preview/90', () =>
      HttpResponse.json(aPreview({ items: [previewItem({ same: null })], usedBy: '7' })),
    );
    const run = aRun({ previewId: '90', items: [runItem({ progress: progress({ inserted: 10, removed: 5 }) })] });
    await renderApp({ at: '/runs/7?tab=plan', server, handlers: [answer(run), plan] });
    const table = within(await screen.findByRole('table', { name: 'Plan and result' }));
    for (const text of ['10 → 10', '5 → 5', 'not known → 0']) expect(table.getByText(text)).toBeVisible();
  });

  it('VS-1 VS-3 says that the run was started without one', async () => {
    await renderApp({ at: '/runs/7?tab=plan', server, handlers: [answer(aRun())] });
    expect(await screen.findByText('Started without a plan')).toBeVisible();
  });
});
