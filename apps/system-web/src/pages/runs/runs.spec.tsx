import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { aPerson, aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import { progress, runPage, summary } from '../../features/runs/runs.fixture.js';
import { durationWords, scopeWords } from '../../features/runs/run-words.js';
import { type RunPage } from '../../generated/index.js';
import { aDataSet } from '../data-sets/a-data-set.fixture.js';

const server = fakeApi();
const LIST = '/api/v1/runs';
/** The header of the page asks for at most so many. */
const LIMIT_OF_HEADER = '5';
const dataSets = http.get('/api/v1/data-sets', () =>
  HttpResponse.json({ items: [aDataSet()], nextCursor: null, asOf: new Date().toISOString() }),
);

/** Answers the list of the page, and remembers what was asked for. */
function list(answer: (asked: URLSearchParams) => RunPage | Response) {
  const asked: URLSearchParams[] = [];
  const handler = http.get(LIST, ({ request }) => {
    const params = new URL(request.url).searchParams;
    if (params.get('limit') === LIMIT_OF_HEADER) return HttpResponse.json(runPage([]));
    asked.push(params);
    const answered = answer(params);
    return answered instanceof Response ? answered : HttpResponse.json(answered);
  });
  return { asked, handlers: [handler, dataSets] };
}

const runLinks = () => screen.getAllByRole('link', { name: /^Run \d+$/ }).map(({ textContent }) => textContent);

describe('the runs', () => {
  it('VS-1 VS-3 shows the shape of the list while the first answer takes long', async () => {
    const handler = http.get(LIST, () => delay('infinite'));
    await renderApp({ at: '/runs', server, handlers: [handler, dataSets] });
    expect(await screen.findByText('Loading the runs')).toBeInTheDocument();
  });

  it('VS-1 VS-3 says what a run is when there is none, with the way to start one', async () => {
    await renderApp({ at: '/runs', server, ...list(() => runPage([])) });
    expect(await screen.findByText('No run yet')).toBeVisible();
    expect(screen.getAllByRole('button', { name: 'Start a sync' })).not.toHaveLength(0);
  });

  it('VS-1 VS-3 names the filters that hide everything, and clears them', async () => {
    const { handlers } = list((asked) => runPage(asked.has('state') ? [] : [summary()]));
    const view = await renderApp({ at: '/runs?state=failed&dataSet=orders', server, handlers });
    expect(await screen.findByText('Nothing matches')).toBeVisible();
    expect(screen.getByText(/Status: failed · Data set: orders/, { selector: 'p' })).toBeVisible();
    await expect(document.body).toBeAccessible();
    await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
    expect(await screen.findByRole('link', { name: 'Run 7' })).toBeVisible();
    expect(view.history.location.search).toBe('');
  });

  it('tells of a run that waits that it has not begun, not that it counts', async () => {
    const waiting = summary({
      state: 'queued',
      progress: progress({ percent: null, rowsTotal: null, rateRowsPerS: null }),
    });
    await renderApp({ at: '/runs', server, ...list(() => runPage([waiting])) });
    expect(await screen.findByText('not begun')).toBeVisible();
    expect(screen.queryByText(/counting/)).not.toBeInTheDocument();
  });

  it('KB-1 j goes to the first row from anywhere, and on from row to row', async () => {
    const { handlers } = list(() => runPage([summary(), summary({ id: '6' })]));
    await renderApp({ at: '/runs', server, handlers });
    const rowOf = async (id: string) => (await screen.findByRole('link', { name: `Run ${id}` })).closest('tr');
    const first = await rowOf('7');
    await userEvent.keyboard('j');
    expect(first).toHaveFocus();
    await userEvent.keyboard('j');
    expect(await rowOf('6')).toHaveFocus();
  });

  it('VS-1 VS-3 explains a failure, with its request id', async () => {
    const { handlers } = list(() => aProblem(403, { title: 'Forbidden', detail: 'Not yours.' }));
    await renderApp({ at: '/runs', server, handlers });
    expect(await screen.findByText('Forbidden', undefined, { timeout: 10_000 })).toBeVisible();
    expect(screen.getByText(/request-7/)).toBeVisible();
  }, 15_000);

  it('RU-1 VS-3 shows the progress, the origin and the kinds of rows of each run', async () => {
    const done = summary({
      ...{ id: '6', state: 'succeeded', mode: 'verify', dataSets: ['a', 'b', 'c', 'd'] },
      progress: progress({ phase: 'done', percent: 100, rowsApplied: 1, different: 3, errors: 2 }),
      finishedAt: new Date(Date.now() + 5_000).toISOString(),
    });
    await renderApp({ at: '/runs', server, ...list(() => runPage([summary(), done])) });
    const bar = await screen.findByRole('progressbar', { name: 'Progress of orders' });
    expect(bar).toHaveAttribute('aria-valuetext', '37 %');
    const row = within(screen.getByRole('link', { name: 'Run 6' }).closest('tr') as HTMLElement);
    expect(row.getByText('succeeded')).toBeVisible();
    expect(row.getByText('a, b, c and 1 more')).toBeVisible();
    expect(row.getByText('3 different')).toBeVisible();
    expect(row.getByRole('link', { name: '2' })).toHaveAttribute('href', '/runs/6?tab=errors');
    expect(row.getByRole('button', { name: 'ana@astro.example' })).toBeVisible();
  });

  it('RU-1 the address is the question, and a filter changes the address', async () => {
    const { asked, handlers } = list(() => runPage([summary()]));
    const at = '/runs?state=running&state=queued&mode=full&initiator=schedule&from=2026-11-20T00:00:00.000Z&limit=25';
    const view = await renderApp({ at, server, handlers });
    await screen.findByRole('link', { name: 'Run 7' });
    expect(asked[0]?.getAll('state')).toEqual(['running', 'queued']);
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      ...{ mode: 'full', initiator: 'schedule', from: '2026-11-20T00:00:00.000Z', limit: '25' },
    });
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Mode' }), 'verify');
    await waitFor(() => expect(view.history.location.search).toContain('mode=verify'));
    expect(asked.at(-1)?.get('mode')).toBe('verify');
    await userEvent.click(screen.getByRole('button', { name: 'Remove the filter Status: queued' }));
    await waitFor(() => expect(asked.at(-1)?.getAll('state')).toEqual(['running']));
  });

  it('URL-4 a broken filter never crashes the list', async () => {
    await renderApp({ at: '/runs?state=zzz&limit=7', server, ...list(() => runPage([summary()])) });
    expect(await screen.findByRole('link', { name: 'Run 7' })).toBeVisible();
    expect(await screen.findByText(/ignored/)).toBeVisible();
  });

  it('RU-1 goes to the next page and back to the first by the address', async () => {
    const { handlers } = list((asked) =>
      asked.get('cursor') === 'c2' ? runPage([summary({ id: '3' })]) : runPage([summary()], 'c2'),
    );
    const view = await renderApp({ at: '/runs', server, handlers });
    await screen.findByRole('link', { name: 'Run 7' });
    await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
    expect(await screen.findByRole('link', { name: 'Run 3' })).toBeVisible();
    expect(view.history.location.search).toBe('?cursor=c2');
    await userEvent.click(screen.getByRole('button', { name: 'First page' }));
    expect(await screen.findByRole('link', { name: 'Run 7' })).toBeVisible();
  });

  it('LV-4 new runs wait behind a button; what is shown changes where it stands', async () => {
    let items = [summary()];
    await renderApp({ at: '/runs', server, ...list(() => runPage(items)) });
    await screen.findByRole('link', { name: 'Run 7' });
    items = [summary({ id: '9' }), summary({ id: '8' }), summary({ state: 'paused' })];
    const more = await screen.findByRole('button', { name: '2 new runs' }, { timeout: 5_000 });
    expect(runLinks()).toEqual(['Run 7']);
    expect(within(screen.getByRole('table', { name: 'Runs' })).getByText('paused')).toBeVisible();
    await userEvent.click(more);
    expect(runLinks()).toEqual(['Run 9', 'Run 8', 'Run 7']);
  }, 10_000);

  it('RU-5 Enter on a row opens the run', async () => {
    const run = http.get('/api/v1/runs/7', () => delay('infinite'));
    const { handlers } = list(() => runPage([summary()]));
    const view = await renderApp({ at: '/runs', server, handlers: [run, ...handlers] });
    const row = (await screen.findByRole('link', { name: 'Run 7' })).closest('tr') as HTMLElement;
    row.focus();
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(view.history.location.pathname).toBe('/runs/7'));
  });

  it('RU-1 a viewer sees why they cannot start a sync', async () => {
    const handlers = list(() => runPage([summary()])).handlers;
    await renderApp({ at: '/runs', server, me: aPerson('viewer'), handlers });
    const button = await screen.findByRole('button', { name: 'Start a sync' });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(button).toHaveAccessibleDescription(/viewer, only reads/);
  });
});

it.each([
  [null, 'not known'],
  [{ lowS: 0, highS: 0 }, 'less than 1 s'],
  [{ lowS: 20, highS: 20 }, 'about 20 s'],
  [{ lowS: 240, highS: 360 }, 'about 4–6 min'],
  [{ lowS: 0, highS: 400 }, 'less than 7 min'],
  [{ lowS: 7_200, highS: 10_800 }, 'about 2–3 h'],
])('RU-1 the length %j reads "%s"', (band, expected) => {
  expect(durationWords(band)).toBe(expected);
});

it('RU-1 a scope names three data sets and counts the others', () => {
  expect([scopeWords(['a']), scopeWords(['a', 'b', 'c', 'd', 'e'])]).toEqual(['a', 'a, b, c and 2 more']);
});
