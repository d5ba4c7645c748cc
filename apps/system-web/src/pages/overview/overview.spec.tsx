import { type Overview } from '@astro/contracts';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse, type RequestHandler } from 'msw';
import { aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import { runPage, summary } from '../../features/runs/runs.fixture.js';
import { outcomesTitle } from './OverviewCharts.js';
import './OverviewPage.js';
import { verdictText } from './verdict.js';

const server = fakeApi();
const AT = '2026-11-22T10:00:00.000Z';

function anOverview(more: Partial<Overview> = {}): Overview {
  return {
    verdict: {
      tone: 'good',
      parts: [
        { text: 'All 2 data sets are fresh', link: '/data-sets' },
        { text: '.', link: null },
      ],
    },
    needsAttention: [],
    running: [],
    throughput: {
      from: '2026-11-22T04:00:00.000Z',
      to: AT,
      bucketSeconds: 300,
      points: [{ at: '2026-11-22T09:55:00.000Z', capturedPerSecond: 120.04, appliedPerSecond: null }],
    },
    outcomes: [
      {
        at: '2026-11-22T09:00:00.000Z',
        succeeded: 2,
        succeededWithLeftovers: 0,
        failed: 1,
        cancelled: 0,
        stoppedByGuard: 0,
      },
    ],
    freshness: [{ dataSet: 'launches', status: 'fresh', lagSeconds: 0.4, lagTargetSeconds: 5 }],
    unattributed: { changes: 0, exact: true, since: '2026-11-22T04:00:00.000Z' },
    topOrigins: [],
    originsSince: '2026-11-22T04:00:00.000Z',
    asOf: AT,
    ...more,
  };
}

const answer = (more: Partial<Overview> = {}) =>
  http.get('/api/v1/overview', () => HttpResponse.json(anOverview(more)));
const open = (...handlers: RequestHandler[]) => renderApp({ at: '/', server, handlers });
const cellsOf = (region: HTMLElement) =>
  within(region)
    .getAllByRole('cell')
    .map(({ textContent }) => textContent);

it('OV-6 a bar of runs leads to those that ended in its hour', async () => {
  const { history } = await open(answer());
  const plot = await screen.findByRole('img', { name: /^How runs ended/ });
  plot.focus();
  await userEvent.keyboard('{End}{Enter}');
  await waitFor(() =>
    expect(Object.fromEntries(new URLSearchParams(history.location.search))).toEqual({
      endedFrom: '2026-11-22T09:00:00.000Z',
      endedTo: '2026-11-22T10:00:00.000Z',
    }),
  );
});

describe('the overview', () => {
  it('VS-1 VS-3 shows the shape of the page while the first answer takes long', async () => {
    await open(http.get('/api/v1/overview', () => delay('infinite')));
    expect(await screen.findByText('Loading the overview', undefined, { timeout: 5_000 })).toBeInTheDocument();
  });

  it('VS-1 VS-3 says how to begin when no data set is declared', async () => {
    await open(answer({ freshness: [], verdict: { tone: 'unknown', parts: [{ text: 'Nothing yet', link: null }] } }));
    expect(await screen.findByText('No data set is declared yet')).toBeVisible();
  });

  it('VS-1 VS-3 explains a failure and tries again', async () => {
    let isDown = true;
    const handler = http.get('/api/v1/overview', () =>
      isDown ? aProblem(503, { title: 'SystemDB is away' }) : HttpResponse.json(anOverview()),
    );
    await open(handler);
    expect(await screen.findByText('SystemDB is away')).toBeVisible();
    await expect(document.body).toBeAccessible();
    isDown = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Nothing needs you.')).toBeVisible();
  });

  it('OV-4 VS-3 says the verdict in the page and in the title, with links', async () => {
    await open(answer());
    expect(await screen.findByRole('link', { name: 'All 2 data sets are fresh' })).toHaveAttribute(
      'href',
      '/data-sets',
    );
    expect(screen.getByText('healthy')).toBeVisible();
    expect(document.title).toContain('All 2 data sets are fresh.');
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Overview');
    expect(screen.getByText('Nothing needs you.')).toBeVisible();
    expect(await screen.findByText('No run is under way.')).toBeVisible();
  });

  it('names the mode of a run that is under way as everywhere', async () => {
    const page = runPage([summary({ mode: 'full', dataSets: ['orders'] })]);
    await open(
      answer(),
      http.get('/api/v1/runs', () => HttpResponse.json(page)),
    );
    expect(await screen.findByText(/^Full copy of/)).toHaveTextContent('Full copy of orders');
  });

  it('OV-1 VS-3 lists what needs a person in the order of the server, as text, each with a working link', async () => {
    const line = { kind: 'data_set', count: 1, since: '2026-11-22T09:12:00.000Z' } as const;
    await open(
      answer({
        verdict: { tone: 'bad', parts: [{ text: '2 things need you: ', link: null }] },
        needsAttention: [
          {
            ...line,
            id: '1',
            severity: 'critical',
            title: 'orders does not move',
            detail: '<b>stalled</b>',
            link: '/data-sets/orders',
          },
          {
            ...line,
            id: '2',
            severity: 'info',
            title: '3 changes nobody claimed',
            detail: 'Look.',
            link: '/changes?unattributed=true',
          },
        ],
      }),
    );
    const list = within(await screen.findByRole('list', { name: 'Needs attention' }));
    const [first, second] = list.getAllByRole('listitem').map((item) => within(item));
    expect(first?.getByText('critical')).toBeVisible();
    expect(first?.getByText(/<b>stalled<\/b>/)).toBeVisible();
    expect(second?.getByRole('link', { name: '3 changes nobody claimed' })).toHaveAttribute(
      'href',
      '/changes?unattributed=true',
    );
    expect(screen.getByText('needs you')).toBeVisible();
  });

  it('VS-2 VS-3 a block that fails leaves the others', async () => {
    await open(
      answer(),
      http.get('/api/v1/runs', () => aProblem(500, { title: 'Runs cannot be read' })),
    );
    expect(await screen.findByText('Runs cannot be read')).toBeVisible();
    expect(await screen.findByText('Nothing needs you.')).toBeVisible();
  });

  it('shows what runs, with its percent and who started it', async () => {
    const count = { inserted: 0, changed: 0, removed: 0, same: 0, different: 0, errors: 0, retries: 0 };
    const progress = {
      ...count,
      phase: 'applying',
      rowsRead: 500,
      rowsApplied: 370,
      rowsTotal: 1_000,
      percent: 37,
      rateRowsPerS: 100,
      eta: { band: null, reason: 'measuring' },
      rawBytes: 0,
      storedBytes: 0,
      updatedAt: AT,
    };
    const run = {
      id: '12',
      mode: 'full',
      dataSets: ['launches'],
      state: 'running',
      initiator: { kind: 'user', id: '7', name: 'Ana' },
      progress,
    };
    await open(
      answer(),
      http.get('/api/v1/runs', () => HttpResponse.json({ items: [run], nextCursor: null, asOf: AT })),
    );
    const block = within(await screen.findByRole('region', { name: 'Running now' }));
    expect(await block.findByRole('progressbar')).toHaveAttribute('aria-valuenow', '37');
    expect(block.getByRole('link', { name: 'Run 12' })).toHaveAttribute('href', '/runs/12');
    expect(block.getByRole('button', { name: 'Ana' })).toBeVisible();
  });

  it('CH-1 the charts have tables, in which a gap is a gap', async () => {
    await open(answer());
    const throughput = await screen.findByRole('region', { name: 'Throughput' });
    await userEvent.click(within(throughput).getByRole('button', { name: 'Table' }));
    expect(cellsOf(throughput)).toEqual(['120', 'no value']);
    const outcomes = screen.getByRole('region', { name: 'How runs ended: 1 failed or was stopped' });
    await userEvent.click(within(outcomes).getByRole('button', { name: 'Table' }));
    expect(cellsOf(outcomes)).toEqual(['2', '0', '1', '0', '0']);
  });

  it('DS-2 shows lag against target, and who changed most, the unattributed too', async () => {
    const origin = { service: 'billing-api', user: 'ana', transactions: 2, changes: 12, lastAt: AT };
    const nobody = { ...origin, service: null, user: null, unattributed: true };
    const alone = { ...origin, service: 'mailer', user: null, unattributed: false };
    const unknown = { dataSet: 'orders', status: 'unknown', lagSeconds: null, lagTargetSeconds: null } as const;
    await open(answer({ freshness: [unknown], topOrigins: [{ ...origin, unattributed: false }, alone, nobody] }));
    const fresh = await screen.findByRole('table', { name: 'Freshness' });
    expect(cellsOf(fresh)).toEqual(['orders', 'unknown', 'not known', 'by schedule']);
    expect(screen.getByRole('link', { name: 'ana via billing-api' })).toHaveAttribute(
      'href',
      '/changes?service=billing-api&user=ana&from=2026-11-22T04%3A00%3A00.000Z',
    );
    expect(screen.getByRole('link', { name: 'unattributed' })).toBeVisible();
    expect(screen.getByRole('link', { name: 'mailer' })).toHaveAttribute(
      'href',
      '/changes?service=mailer&withoutUser=true&from=2026-11-22T04%3A00%3A00.000Z',
    );
  });

  it('keeps the range in the address and asks for it', async () => {
    const asked: (string | null)[] = [];
    const handler = http.get('/api/v1/overview', ({ request }) => {
      asked.push(new URL(request.url).searchParams.get('from'));
      return HttpResponse.json(anOverview());
    });
    const { history } = await open(handler);
    await userEvent.selectOptions(await screen.findByRole('combobox', { name: 'Range' }), 'now-1d');
    await waitFor(() => expect(history.location.search).toBe('?from=now-1d'));
    await waitFor(() => expect(asked.at(-1)).toMatch(/^\d{4}-/));
    expect(asked[0]).toBeNull();
  });
});

it('OV-4 the verdict is one sentence', () => {
  const parts = [
    { text: '1 thing needs you: ', link: null },
    { text: 'orders is late', link: '/data-sets/orders' },
  ];
  expect(verdictText({ tone: 'warning', parts })).toBe('1 thing needs you: orders is late');
});

it('the title of the outcomes says how many did not end well', () => {
  const hour = { at: AT, succeeded: 1, succeededWithLeftovers: 0, failed: 0, cancelled: 0, stoppedByGuard: 0 };
  expect(outcomesTitle([hour])).toBe('How runs ended');
  expect(outcomesTitle([{ ...hour, failed: 1, stoppedByGuard: 1 }])).toBe('How runs ended: 2 failed or were stopped');
});
