import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { aPerson, aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import { aPreview, aRun, previewItem } from '../../features/runs/runs.fixture.js';
import { type DataSet, type Preview } from '../../generated/index.js';
import { aDataSet } from '../data-sets/a-data-set.fixture.js';

const server = fakeApi();
const PREVIEW = '/api/v1/runs/preview';
const tables: DataSet['tables'] = [
  { table: 'public.orders', keyColumns: ['id'], role: 'root', target: null },
  { table: 'public.lines', keyColumns: ['order_id', 'no'], role: 'read', target: null },
];
const no = { ok: false, reason: 'It needs a resync first.' };
const DATA_SETS = [
  aDataSet({ name: 'orders', tables }),
  aDataSet({ name: 'bookings' }),
  aDataSet({ name: 'broken', allowed: { sync: { ok: true }, verify: no, repair: no } }),
];
const dataSets = http.get('/api/v1/data-sets', () =>
  HttpResponse.json({ items: DATA_SETS, nextCursor: null, asOf: new Date().toISOString() }),
);
const planIs = (preview: Preview) => http.get(`${PREVIEW}/${preview.id}`, () => HttpResponse.json(preview));

/** Answers each preview that is asked for, and remembers bodies and keys. */
function planning(answer: (count: number) => Response) {
  const asked: { readonly body: unknown; readonly key: string | null }[] = [];
  const handler = http.post(PREVIEW, async ({ request }) => {
    asked.push({ body: await request.json(), key: request.headers.get('idempotency-key') });
    return answer(asked.length);
  });
  return { asked, handler };
}

/** The same for starts. */
function starting(answer: (count: number) => Response) {
  const asked: { readonly body: unknown; readonly key: string | null }[] = [];
  const handler = http.post('/api/v1/runs', async ({ request }) => {
    asked.push({ body: await request.json(), key: request.headers.get('idempotency-key') });
    return answer(asked.length);
  });
  const run = http.get('/api/v1/runs/7', () => HttpResponse.json(aRun()));
  return { asked, handlers: [handler, run] };
}

const makePlan = () => userEvent.click(screen.getByRole('button', { name: 'Make a plan' }));
const box = (name: string | RegExp) => screen.findByRole('checkbox', { name });
const step = () => within(screen.getByRole('list', { name: 'Steps' })).getByText(/./, { selector: '[aria-current] *' });

describe('the steps', () => {
  it('KB-1 the focus follows to the plan, as the button that made it is gone', async () => {
    const { handler } = planning(() => HttpResponse.json(aPreview()));
    await renderApp({ at: '/sync/new?dataSet=orders', server, handlers: [dataSets, handler, planIs(aPreview())] });
    (await screen.findByRole('button', { name: 'Make a plan' })).focus();
    await userEvent.keyboard('{Enter}');
    await screen.findByRole('button', { name: 'Start the run' });
    await waitFor(() => expect(screen.getByRole('main')).toHaveFocus());
  });

  it('instants in what would meet the run are shown as the person sees times', async () => {
    const detail = 'The schedule of "orders" is due at 2026-11-30T08:40:00.000Z; it is skipped.';
    const plan = aPreview({ conflicts: [{ kind: 'schedule', dataSet: 'orders', runId: null, at: null, detail }] });
    await renderApp({ at: `/sync/new?preview=${plan.id}`, server, handlers: [dataSets, planIs(plan)] });
    expect(await screen.findByText(/is due at/)).toHaveTextContent('is due at 2026-11-30 08:40:00 UTC; it is');
  });
});

describe('the scope', () => {
  it('VS-1 VS-3 shows that the data sets are loading', async () => {
    const slow = http.get('/api/v1/data-sets', () => delay('infinite'));
    await renderApp({ at: '/sync/new', server, handlers: [slow] });
    expect(await screen.findByText('Loading the data sets')).toBeInTheDocument();
  });

  it('VS-1 VS-3 says what to do when no data set is registered', async () => {
    const none = http.get('/api/v1/data-sets', () =>
      HttpResponse.json({ items: [], nextCursor: null, asOf: new Date().toISOString() }),
    );
    await renderApp({ at: '/sync/new', server, handlers: [none] });
    expect(await screen.findByText('No data set yet')).toBeVisible();
  });

  it('VS-1 VS-3 a viewer is told whom to ask', async () => {
    await renderApp({ at: '/sync/new', server, me: aPerson('viewer') });
    expect(await screen.findByText(/operator/)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Make a plan' })).not.toBeInTheDocument();
  });

  it('SY-6 asks for a data set before anything is sent, and goes to the field', async () => {
    const { asked, handler } = planning(() => HttpResponse.json(aPreview()));
    await renderApp({ at: '/sync/new', server, handlers: [dataSets, handler] });
    await box('orders');
    await makePlan();
    expect(await screen.findByText('Choose at least one data set, or everything.')).toBeVisible();
    expect(screen.getByRole('searchbox', { name: 'Search the data sets' })).toHaveFocus();
    expect(asked).toEqual([]);
  });

  it('SY-5 VS-3 a data set that the mode is not permitted for stays visible with the reason', async () => {
    await renderApp({ at: '/sync/new?mode=verify', server, handlers: [dataSets] });
    expect(await box('broken')).toBeDisabled();
    expect(screen.getByText('It needs a resync first.')).toBeVisible();
    await userEvent.click(screen.getByRole('radio', { name: 'Full copy' }));
    expect(await box('broken')).toBeEnabled();
    await userEvent.type(screen.getByRole('searchbox'), 'BOOK');
    expect(screen.queryByRole('checkbox', { name: 'orders' })).not.toBeInTheDocument();
    expect(screen.getByText('0 chosen · 1 of 3 shown')).toBeVisible();
  });

  it('SY-6 keys are checked here first, and what the server refuses stands at its field', async () => {
    const errors = [
      { pointer: '/options/keys/1', detail: 'This is no value of the key column id.' },
      { pointer: '/options/table', detail: 'It has no such table.' },
    ];
    const { asked, handler } = planning(() => aProblem(422, { code: 'INVALID_SCOPE', errors }));
    await renderApp({ at: '/sync/new?dataSet=orders&mode=repair', server, handlers: [dataSets, handler] });
    await userEvent.click(await screen.findByRole('radio', { name: 'Only these keys' }));
    await makePlan();
    expect(await screen.findByText('Enter at least one key.')).toBeVisible();
    expect(screen.getByText('Choose the table that the rows are of.')).toBeVisible();
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Table and its key' }), 'public.orders');
    await userEvent.type(screen.getByRole('textbox', { name: 'Keys' }), '1\nx');
    await makePlan();
    expect(await screen.findByText('Key 2: This is no value of the key column id.')).toBeVisible();
    expect(screen.getByText('It has no such table.')).toBeVisible();
    expect(asked).toMatchObject([
      { body: { datasets: ['orders'], mode: 'repair', options: { table: 'public.orders', keys: ['1', 'x'] } } },
    ]);
  });

  it('SY-6 conditions can be added and removed, and are refused one by one', async () => {
    const errors = [{ pointer: '/options/filter/0/value', detail: 'This is no value of the column price.' }];
    const { asked, handler } = planning(() => aProblem(422, { code: 'INVALID_SCOPE', errors }));
    await renderApp({ at: '/sync/new?dataSet=bookings&mode=verify', server, handlers: [dataSets, handler] });
    await userEvent.click(await screen.findByRole('radio', { name: 'Only rows that fit conditions' }));
    await userEvent.click(screen.getByRole('button', { name: 'Add a condition' }));
    await makePlan();
    expect(await screen.findAllByText('Name the column.')).toHaveLength(2);
    await userEvent.click(screen.getByRole('button', { name: 'Remove condition 2' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Column of condition 1' }), 'price');
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Comparison of condition 1' }), 'ge');
    await userEvent.type(screen.getByRole('textbox', { name: 'Value of condition 1' }), 'x');
    await makePlan();
    expect(await screen.findByText('This is no value of the column price.')).toBeVisible();
    expect(asked).toMatchObject([{ body: { options: { filter: [{ column: 'price', operator: 'ge', value: 'x' }] } } }]);
  });

  it('MSG-2 a refusal that no field is about is told above the form', async () => {
    const { handler } = planning(() => aProblem(409, { title: 'Conflict', detail: 'Start sync-worker.' }));
    await renderApp({ at: '/sync/new?all=true', server, handlers: [dataSets, handler] });
    await screen.findByRole('checkbox', { name: 'Everything' });
    await userEvent.type(screen.getByRole('textbox', { name: /Rate limit/ }), '0');
    await makePlan();
    expect(await screen.findByText(/Enter whole rows per second/)).toBeVisible();
    await userEvent.type(screen.getByRole('textbox', { name: /Rate limit/ }), '{Backspace}9');
    await makePlan();
    expect(await screen.findByText('Start sync-worker.')).toBeVisible();
  });
});

describe('the plan', () => {
  it('SY-6 is made by keyboard and mouse, and going back keeps every value', async () => {
    const preview = aPreview({ mode: 'incremental' });
    const { asked, handler } = planning(() => HttpResponse.json(preview));
    const view = await renderApp({ at: '/sync/new', server, handlers: [dataSets, planIs(preview), handler] });
    (await box('orders')).focus();
    await userEvent.keyboard(' ');
    await userEvent.type(screen.getByRole('textbox', { name: /Rate limit/ }), '700{Enter}');
    expect(await screen.findByText(/Plan 90: Incremental of orders · counted/)).toBeVisible();
    expect(step()).toHaveTextContent('2. Plan');
    expect(view.history.location.search).toBe('?dataSet=orders&mode=incremental&preview=90');
    expect(asked).toMatchObject([{ body: { datasets: ['orders'], options: { rateLimitRowsPerS: 700 } } }]);
    expect(asked[0]?.key).toMatch(/^[0-9a-f]{32}$/);
    await userEvent.click(screen.getByRole('button', { name: 'Back to the scope' }));
    expect(await box('orders')).toBeChecked();
    expect(screen.getByRole('textbox', { name: /Rate limit/ })).toHaveValue('700');
    expect(step()).toHaveTextContent('1. Scope');
  });

  it('SY-6 Back of the browser keeps the values, and a link to another scope is followed', async () => {
    const preview = aPreview();
    const { handler } = planning(() => HttpResponse.json(preview));
    const view = await renderApp({ at: '/sync/new', server, handlers: [dataSets, planIs(preview), handler] });
    await userEvent.click(await box('orders'));
    await userEvent.click(screen.getByRole('radio', { name: 'Repair' }));
    await makePlan();
    await screen.findByText(/Plan 90/);
    act(() => view.history.back());
    expect(await box('orders')).toBeChecked();
    expect(screen.getByRole('radio', { name: 'Repair' })).toBeChecked();
    act(() => view.history.push('/sync/new?dataSet=bookings&mode=full'));
    await waitFor(async () => expect(await box('bookings')).toBeChecked());
    expect(await box('orders')).not.toBeChecked();
    expect(screen.getByRole('radio', { name: 'Full copy' })).toBeChecked();
  });

  it('SY-6 a link to a plan leads back to its scope', async () => {
    const preview = aPreview({ dataSets: ['bookings'], mode: 'repair', options: { keys: ['1', '2'] } });
    await renderApp({ at: '/sync/new?preview=90', server, handlers: [dataSets, planIs(preview)] });
    await userEvent.click(await screen.findByRole('button', { name: 'Back to the scope' }));
    expect(await box('bookings')).toBeChecked();
    expect(screen.getByRole('textbox', { name: 'Keys' })).toHaveValue('1\n2');
  });

  it('SY-6 is counted while one waits, and can be stopped', async () => {
    let shown = aPreview({ state: 'planning', readyAt: null, items: [previewItem({ state: 'counting' })] });
    const stop = http.delete(`${PREVIEW}/90`, () => {
      shown = aPreview({ state: 'cancelled' });
      return HttpResponse.json(shown);
    });
    const plan = http.get(`${PREVIEW}/90`, () => HttpResponse.json(shown));
    await renderApp({ at: '/sync/new?preview=90', server, handlers: [dataSets, plan, stop] });
    expect(await screen.findByRole('progressbar', { name: 'Progress of the plan' })).toHaveAttribute(
      'aria-valuetext',
      'Counting: 0 of 1 data sets are done.',
    );
    const start = screen.getByRole('button', { name: 'Start the run' });
    expect(start).toHaveAccessibleDescription('The plan is still being counted.');
    await userEvent.click(screen.getByRole('button', { name: 'Stop planning' }));
    expect(await screen.findByText('The plan was discarded.', { selector: '[role="alert"] *' })).toBeVisible();
  });

  it('SY-1 VS-3 tells rows per kind and data set, time, and what would meet the run; never 0 for what is not known', async () => {
    const conflict = { kind: 'run', dataSet: 'orders', runId: '6', at: null, detail: 'Run 6 goes on.' } as const;
    const unknown = previewItem({ dataSet: 'bookings', removals: null, duration: null });
    const preview = aPreview({ items: [previewItem(), unknown], conflicts: [conflict], duration: null });
    await renderApp({ at: '/sync/new?preview=90', server, handlers: [dataSets, planIs(preview)] });
    const table = within(await screen.findByRole('table', { name: 'Plan per data set' }));
    const row = within(table.getByText('bookings').closest('tr') as HTMLElement);
    expect(row.getAllByText('not known')).toHaveLength(2);
    expect(screen.getByText('To insert', { selector: 'dt' }).nextSibling).toHaveTextContent('20');
    expect(screen.getByText('To remove', { selector: 'dt' }).nextSibling).toHaveTextContent('not known');
    expect(screen.getByRole('link', { name: 'Open run 6' })).toHaveAttribute('href', '/runs/6');
  });

  it('SY-6 says when there is nothing to do', async () => {
    const equal = previewItem({ inserts: 0, changes: 0, removals: 0, same: 1_000 });
    await renderApp({ at: '/sync/new?preview=90', server, handlers: [dataSets, planIs(aPreview({ items: [equal] }))] });
    expect(await screen.findByText('Nothing to do')).toBeVisible();
  });

  it('SY-2 an old plan cannot be started, and is made again with one click', async () => {
    const old = aPreview({ state: 'expired', options: { rateLimitRowsPerS: 5 } });
    const fresh = aPreview({ id: '91' });
    const { asked, handler } = planning(() => HttpResponse.json(fresh));
    const handlers = [dataSets, planIs(old), planIs(fresh), handler];
    await renderApp({ at: '/sync/new?preview=90', server, handlers });
    expect(await screen.findByText('This plan cannot be started')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Plan again' }));
    expect(await screen.findByText(/Plan 91/)).toBeVisible();
    expect(asked).toMatchObject([{ body: { datasets: ['orders'], mode: 'full', options: { rateLimitRowsPerS: 5 } } }]);
    expect(screen.getByRole('button', { name: 'Start the run' })).not.toHaveAttribute('aria-disabled');
  });

  it('VS-1 VS-3 says that there is no such plan', async () => {
    const missing = http.get(`${PREVIEW}/90`, () => aProblem(404, { detail: 'There is no preview 90.' }));
    await renderApp({ at: '/sync/new?preview=90', server, handlers: [dataSets, missing] });
    expect(await screen.findByText('There is no preview 90.', undefined, { timeout: 10_000 })).toBeVisible();
  }, 15_000);
});

describe('the confirmation', () => {
  const giveReason = async (dialog: Pick<typeof screen, 'getByRole'>) =>
    userEvent.type(dialog.getByRole('textbox', { name: /^Reason/ }), 'month end');
  const open = async (preview: Preview, handlers: Parameters<typeof renderApp>[0]['handlers'] = []) => {
    const all = [dataSets, planIs(preview), ...handlers];
    const view = await renderApp({ at: `/sync/new?preview=${preview.id}`, server, handlers: all });
    await userEvent.click(await screen.findByRole('button', { name: 'Start the run' }));
    return { view, dialog: within(await screen.findByRole('dialog')) };
  };

  it('CF-1 shows the numbers of the plan with their age, and starts exactly that plan', async () => {
    const { asked, handlers } = starting(() => HttpResponse.json(aRun(), { status: 201 }));
    const { view, dialog } = await open(aPreview(), handlers);
    expect(step()).toHaveTextContent('3. Confirm');
    expect(dialog.getByText('To remove').nextSibling).toHaveTextContent('5');
    await waitFor(() => expect(dialog.getByText(/These numbers are \d+ s old/)).toBeVisible());
    expect(dialog.getByText(/^curl -X POST/)).toBeVisible();
    await waitFor(() => expect(dialog.getByRole('button', { name: 'Do not start' })).toHaveFocus());
    const confirm = dialog.getByRole('button', { name: 'Start the run' });
    expect(confirm).toHaveAttribute('aria-disabled', 'true');
    expect(confirm).toHaveAccessibleDescription('Give a reason first.');
    await giveReason(dialog);
    await userEvent.click(confirm);
    await waitFor(() => expect(view.history.location.pathname).toBe('/runs/7'));
    const scope = { datasets: ['orders'], mode: 'full', options: {}, whenBusy: 'refuse', previewId: '90' };
    const body = { ...scope, reason: 'month end' };
    expect(asked).toEqual([{ body, key: expect.stringMatching(/^[0-9a-f]{32}$/) }]);
  });

  it('CF-2 a second try after a lost answer carries the same key; opening anew makes another', async () => {
    const { asked, handlers } = starting(() => aProblem(503, { detail: 'Away.' }));
    const { dialog } = await open(aPreview(), handlers);
    const confirm = dialog.getByRole('button', { name: 'Start the run' });
    await giveReason(dialog);
    await userEvent.click(confirm);
    expect(await dialog.findByText('Away.')).toBeVisible();
    await userEvent.click(confirm);
    await waitFor(() => expect(asked).toHaveLength(2));
    await userEvent.click(dialog.getByRole('button', { name: 'Do not start' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(screen.getByText('Away.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Start the run' }));
    const again = within(await screen.findByRole('dialog'));
    await giveReason(again);
    await userEvent.click(again.getByRole('button', { name: 'Start the run' }));
    await waitFor(() => expect(asked).toHaveLength(3));
    expect(asked[1]?.key).toBe(asked[0]?.key);
    expect(asked[2]?.key).not.toBe(asked[0]?.key);
  });

  it('SY-4 a run that would remove much needs the value of the plan typed, and Enter does nothing before', async () => {
    const { asked, handlers } = starting(() => HttpResponse.json(aRun(), { status: 201 }));
    const preview = aPreview({ confirmation: 'A1B2C3', confirmationReason: 'It would remove 400 of 1000 rows.' });
    const { dialog } = await open(preview, handlers);
    await waitFor(() => expect(dialog.getByText('It would remove 400 of 1000 rows.')).toBeVisible());
    const confirm = dialog.getByRole('button', { name: 'Start the run' });
    expect(confirm).toHaveAttribute('aria-disabled', 'true');
    const field = dialog.getByRole('textbox', { name: /Type A1B2C3 to confirm/ });
    await userEvent.type(field, 'A1B2C{Enter}{Control>}{Enter}{/Control}');
    expect(asked).toEqual([]);
    await userEvent.type(field, '3');
    await giveReason(dialog);
    await userEvent.click(confirm);
    await waitFor(() => expect(asked).toMatchObject([{ body: { confirmation: 'A1B2C3', previewId: '90' } }]));
  });

  it('SY-3 a busy data set names the run in the way at the choice to wait behind it', async () => {
    const errors = [{ pointer: '/datasets', detail: '"orders" has run 6 (running, by bo).' }];
    const { asked, handlers } = starting((count) =>
      count === 1
        ? aProblem(409, { code: 'DATA_SET_BUSY', detail: '"orders" already has run 6.', errors })
        : HttpResponse.json(aRun(), { status: 201 }),
    );
    const { dialog } = await open(aPreview(), handlers);
    await giveReason(dialog);
    await userEvent.click(dialog.getByRole('button', { name: 'Start the run' }));
    expect(await dialog.findByText('"orders" already has run 6.')).toBeVisible();
    await userEvent.click(dialog.getByRole('button', { name: 'Do not start' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    const choice = await screen.findByRole('radiogroup', { name: 'When a data set already has a run' });
    expect(screen.getByText('"orders" has run 6 (running, by bo).')).toBeVisible();
    await userEvent.click(within(choice).getByRole('radio', { name: 'Wait behind it' }));
    await userEvent.click(screen.getByRole('button', { name: 'Start the run' }));
    const again = within(await screen.findByRole('dialog'));
    await giveReason(again);
    await userEvent.click(again.getByRole('button', { name: 'Start the run' }));
    await waitFor(() => expect(asked.at(-1)).toMatchObject({ body: { whenBusy: 'queue' } }));
  });
});
