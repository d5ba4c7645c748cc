import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { fakeApi, renderApp } from '../../app/render-app.fixture.js';
import { aRun, aSeries } from '../../features/runs/runs.fixture.js';
import { type Run, type RunLog } from '../../generated/index.js';

const server = fakeApi();
const ADDRESS = '/api/v1/runs/7';
const answer = (run: Run) => http.get(ADDRESS, () => HttpResponse.json(run));
const SERIES = http.get(`${ADDRESS}/series`, () => HttpResponse.json(aSeries()));
const ANA = { kind: 'user', id: '7', name: 'ana@astro.example' } as const;
const entry = (more: Partial<RunLog['items'][number]>): RunLog['items'][number] => ({
  ...{ at: '2026-11-22T10:00:00Z', kind: 'pause', dataSet: null, initiator: ANA, text: 'Asked for a pause.' },
  ...more,
});
const ITEMS = [
  entry({ kind: 'end', at: '2026-11-22T10:01:00Z', initiator: null, text: 'Ended: succeeded.' }),
  entry({ kind: 'begin', dataSet: 'orders', initiator: null, text: 'A worker began.' }),
  entry({}),
];

it('RD-1 the log of a run tells what happened, newest first, with who', async () => {
  const log = http.get(`${ADDRESS}/log`, () => HttpResponse.json({ items: ITEMS, isCut: true }));
  await renderApp({ at: '/runs/7', server, handlers: [answer(aRun()), SERIES, log] });
  await userEvent.click(await screen.findByRole('tab', { name: 'Log' }));
  const table = within(await screen.findByRole('table', { name: 'Log of run 7' }));
  const rows = table.getAllByRole('row').slice(1);
  expect(rows.map((row) => [...row.children].slice(1).map(({ textContent }) => textContent))).toEqual([
    ['Ended: succeeded.', 'the whole run', 'the system'],
    ['A worker began.', 'orders', 'the system'],
    ['Asked for a pause.', 'the whole run', expect.stringContaining('ana@astro.example')],
  ]);
  expect(screen.getByText(/^The newest 3 entries/)).toBeVisible();
});

it('LV-1 the log is asked until an answer holds the end of the run', async () => {
  let asked = 0;
  const log = http.get(`${ADDRESS}/log`, () => {
    asked++;
    return HttpResponse.json({ items: asked < 2 ? ITEMS.slice(1) : ITEMS, isCut: false });
  });
  const ended = aRun({ state: 'succeeded', finishedAt: '2026-11-22T10:01:00Z' });
  await renderApp({ at: '/runs/7?tab=log', server, handlers: [answer(ended), SERIES, log] });
  expect(await screen.findByText('Ended: succeeded.', undefined, { timeout: 8_000 })).toBeVisible();
  await waitFor(() => expect(asked).toBe(2));
}, 15_000);
