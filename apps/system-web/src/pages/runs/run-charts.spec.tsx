import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import { aRun, aSeries, progress, runItem } from '../../features/runs/runs.fixture.js';
import { type Run, type RunSeries } from '../../generated/index.js';

const server = fakeApi();
const ADDRESS = '/api/v1/runs/7';
const SERIES = `${ADDRESS}/series`;
const answer = (run: Run) => http.get(ADDRESS, () => HttpResponse.json(run));
const tell = (series: RunSeries) => http.get(SERIES, () => HttpResponse.json(series));
const ERRORS = { progress: progress({ errors: 3 }), items: [runItem({ progress: progress({ errors: 3 }) })] };

async function cellsOf(name: string): Promise<(string | null)[]> {
  const chart = within(await screen.findByRole('region', { name }));
  await userEvent.click(await chart.findByRole('button', { name: 'Table' }));
  return chart.getAllByRole('cell').map(({ textContent }) => textContent);
}

describe('the charts of a run', () => {
  it('CH-1 show its rate, with a gap for a pause, and no chart of errors when there are none', async () => {
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun()), tell(aSeries())] });
    expect(await cellsOf('Rows per second')).toEqual([
      ...['12\u202f400', 'reading', 'no value', '–', '8.3', 'applying'],
    ]);
    expect(screen.getByRole('columnheader', { name: 'applied (rows/s)' })).toBeVisible();
    expect(screen.queryByRole('region', { name: 'Errors per second' })).not.toBeInTheDocument();
  });

  it('CH-1 VS-3 show its errors when there were any', async () => {
    await renderApp({
      at: '/runs/7',
      server,
      handlers: [answer(aRun({ mode: 'verify', ...ERRORS })), tell(aSeries())],
    });
    expect(await cellsOf('Errors per second')).toEqual([...['0.0033', 'reading', 'no value', '–', '0', 'applying']]);
    await cellsOf('Rows per second');
    expect(screen.getByRole('columnheader', { name: 'read (rows/s)' })).toBeVisible();
  });

  it('CH-1 show when each data set was worked on', async () => {
    const times = { startedAt: '2026-11-22T10:00:00Z', finishedAt: '2026-11-22T10:00:42Z' };
    const items = [runItem({ ...times, state: 'failed' }), runItem({ id: '71', dataSet: 'launches', startedAt: null })];
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun({ items })), tell(aSeries())] });
    const [began, took, phases, status, ...rest] = await cellsOf('Time of each data set');
    expect([began?.slice(0, 10), took, phases]).toEqual(['2026-11-22', '42 s', 'reading 500 ms, applying 1 s']);
    expect([status, ...rest]).toEqual(['failed', 'not begun', '–', '–', 'running']);
  });

  it('the phases of the run tell how long they took', async () => {
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun()), tell(aSeries())] });
    const phases = within(await screen.findByRole('list', { name: 'Phases' }));
    await waitFor(() => expect(phases.getByText('500 ms')).toBeVisible());
    const words = phases.getAllByRole('listitem').map(({ textContent }) => textContent.replace(/ \d\d:\d\d:.*/, ''));
    expect(words).toEqual([
      ...['planning, done', 'waiting, done', 'reading, done 500 ms, began 2026-11-22', 'comparing, done'],
      ...['applying, now 1 s, began 2026-11-22', 'verifying, to come', 'done, to come'],
    ]);
    expect(phases.getByText('1 s')).toHaveAttribute('title', expect.stringMatching(/^began 2026-11-22 /));
  });

  it.each([
    ['queued', 'No data set was begun yet.'],
    ['cancelled', 'The run ended before a data set was begun.'],
  ] as const)('VS-1 VS-3 say so when no data set was begun of a run that is %s', async (state, words) => {
    const items = ['orders', 'launches'].map((dataSet) => runItem({ id: dataSet, dataSet, startedAt: null }));
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun({ state, items })), tell(aSeries())] });
    expect(await screen.findByText(words)).toBeVisible();
  });

  it('CH-1 show no times of data sets for a run of one', async () => {
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun()), tell(aSeries())] });
    await screen.findByRole('region', { name: 'Rows per second' });
    expect(screen.queryByRole('region', { name: 'Time of each data set' })).not.toBeInTheDocument();
  });

  it.each([
    ['running', 'Nothing was recorded yet.'],
    ['succeeded', 'How fast this run went was not recorded.'],
  ] as const)('VS-1 VS-3 say so when nobody told how fast a run went that is %s', async (state, words) => {
    const nothing = aSeries({
      points: [{ at: aSeries().from, rowsPerSecond: null, errorsPerSecond: null, phase: null }],
      spans: [],
    });
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun({ state })), tell(nothing)] });
    expect(await screen.findByText(words)).toBeVisible();
  });

  it('VS-2 fail alone', async () => {
    const broken = http.get(SERIES, () => aProblem(403, { title: 'Forbidden' }));
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun()), broken] });
    const chart = within(await screen.findByRole('region', { name: 'Rows per second' }));
    expect(await chart.findByText('Forbidden', undefined, { timeout: 10_000 })).toBeVisible();
    expect(screen.getByRole('table', { name: 'Data sets of run 7' })).toBeVisible();
  }, 15_000);

  it('LV-1 are asked like the run, and until an answer holds its end', async () => {
    const finishedAt = '2026-11-22T10:00:03.500Z';
    const ends = ['2026-11-22T10:00:03.000Z', finishedAt];
    let asked = 0;
    const series = http.get(SERIES, () => HttpResponse.json(aSeries({ to: ends[Math.min(asked++, 1)] ?? '' })));
    await renderApp({ at: '/runs/7', server, handlers: [answer(aRun({ state: 'succeeded', finishedAt })), series] });
    await screen.findByRole('region', { name: 'Rows per second' });
    await waitFor(() => expect(asked).toBe(2), { timeout: 5_000 });
  }, 10_000);
});
