import { type DataSetDetail } from '@astro/contracts';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import { aChange, changeListOf } from '../changes/a-change.fixture.js';
import { aDataSetDetail } from './a-data-set.fixture.js';
import './DataSetPage.js';

const server = fakeApi();
const ONE = '/api/v1/data-sets/launches';
const answer = (dataSet: DataSetDetail) => http.get(ONE, () => HttpResponse.json(dataSet));
const at = '/data-sets/launches';

describe('a data set', () => {
  it('VS-1 VS-3 shows the shape of the page while the first answer takes long', async () => {
    await renderApp({ at, server, handlers: [http.get(ONE, () => delay('infinite'))] });
    expect(await screen.findByText('Loading launches', undefined, { timeout: 5_000 })).toBeInTheDocument();
  });

  it('VS-1 VS-3 says so when there is none of that name', async () => {
    const none = http.get(ONE, () => aProblem(404, { title: 'No such data set', code: 'NOT_FOUND' }));
    await renderApp({ at, server, handlers: [none] });
    expect(await screen.findByText('No such data set', undefined, { timeout: 10_000 })).toBeVisible();
  }, 15_000);

  it('VS-3 says how it stands and why, and names the tab of the browser', async () => {
    await renderApp({ at, server, handlers: [answer(aDataSetDetail())] });
    expect(await screen.findByText('Everything that was captured is applied.')).toBeVisible();
    expect(screen.getByText('fresh')).toBeVisible();
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('launches');
    expect(document.title).toContain('launches · fresh');
    expect(screen.queryByText('Keys set aside')).not.toBeInTheDocument();
  });

  it('DD-4 the picture of the way has a text equivalent', async () => {
    await renderApp({ at, server, handlers: [answer(aDataSetDetail({ setAsideKeys: 1 }))] });
    const picture = await screen.findByRole('img', { name: /OperationsDB/ });
    expect(picture.getAttribute('aria-label')?.replaceAll('\u202f', ' ')).toBe(
      'OperationsDB: about 12 400 rows, captured 2 s ago. Queue: 14 rows waiting, the oldest for 3 s. ' +
        'CacheDB: about 12 400 rows, last applied 1 s ago, 1 key set aside.',
    );
  });

  it('CH-1 the charts have tables, in which a gap is a gap', async () => {
    await renderApp({ at, server, handlers: [answer(aDataSetDetail())] });
    const lag = within(await screen.findByRole('region', { name: 'Lag' }));
    await userEvent.click(lag.getByRole('button', { name: 'Table' }));
    const cells = lag.getAllByRole('cell').map(({ textContent }) => textContent);
    expect(cells).toEqual(['0.4', 'no value']);
  });

  it('says that nobody reported instead of an empty chart', async () => {
    const { series } = aDataSetDetail();
    const silent = aDataSetDetail({ series: { ...series, points: series.points.slice(1) } });
    await renderApp({ at, server, handlers: [answer(silent)] });
    expect(await screen.findAllByText('No worker reported in this range.')).toHaveLength(2);
  });

  it('tells why it needs a new copy and leads there', async () => {
    const statusReason = 'The slot was lost at 09:12.';
    await renderApp({ at, server, handlers: [answer(aDataSetDetail({ status: 'needs_resync', statusReason }))] });
    const notice = within(await screen.findByRole('alert'));
    expect(notice.getByText(statusReason)).toBeVisible();
    expect(notice.getByRole('link', { name: 'Plan a full copy' })).toHaveAttribute(
      'href',
      '/sync/new?dataSet=launches&mode=full',
    );
  });

  it('leads to the plan of a sync, and says why not', async () => {
    const refused = { ok: false, reason: 'Run 12 works on it.' };
    const allowed = { sync: { ok: true }, verify: refused, repair: refused };
    const { history } = await renderApp({ at, server, handlers: [answer(aDataSetDetail({ allowed }))] });
    await screen.findByRole('button', { name: 'Verify' });
    expect(screen.getByRole('button', { name: 'Verify' })).toHaveAccessibleDescription('Run 12 works on it.');
    await userEvent.click(screen.getByRole('button', { name: 'Sync this' }));
    expect(history.location.href).toBe('/sync/new?dataSet=launches');
  });

  it('lists the keys that are set aside, as text, each with its explanation', async () => {
    const message = '<img src=x onerror=alert(1)>';
    const key = { table: 'public.launches', key: '4711', code: 'TOO_LONG', message, attempts: 3 };
    const times = { firstAt: '2026-11-22T09:00:00.000Z', lastAt: '2026-11-22T09:30:00.000Z' };
    const dataSet = aDataSetDetail({ setAsideKeys: 30, setAside: [{ ...key, ...times }] });
    await renderApp({ at, server, handlers: [answer(dataSet)] });
    const block = within(await screen.findByRole('region', { name: 'Keys set aside' }));
    expect(block.getByText(/30 keys wait; the latest 1 are shown/)).toBeVisible();
    expect(block.getByText(message)).toBeVisible();
    expect(document.querySelector('img')).not.toBeInTheDocument();
    expect(block.getByRole('link', { name: '4711' })).toHaveAttribute(
      'href',
      '/explain?dataSet=launches&table=public.launches&key=4711',
    );
  });

  it('keeps the tab in the address: runs, changes, settings', async () => {
    const changes = http.get('/api/v1/changes', () => HttpResponse.json(changeListOf([aChange()])));
    const { history } = await renderApp({ at, server, handlers: [answer(aDataSetDetail()), changes] });
    await userEvent.click(await screen.findByRole('tab', { name: 'Runs' }));
    expect(await screen.findByRole('link', { name: 'All runs of launches' })).toHaveAttribute(
      'href',
      '/runs?dataSet=launches',
    );
    await userEvent.click(screen.getByRole('tab', { name: 'Changes' }));
    expect(await screen.findByRole('button', { name: /ana via billing-api/ })).toBeVisible();
    await userEvent.click(screen.getByRole('tab', { name: 'Settings' }));
    expect(await screen.findByText('16/B374D848 · 2')).toBeVisible();
    expect(history.location.search).toBe('?tab=settings');
  });

  it('names modes of runs as everywhere, and shows a dash for a table without a key of its own', async () => {
    const tables: DataSetDetail['tables'] = [{ table: 'public.agencies', keyColumns: [], role: 'read', target: null }];
    await renderApp({ at: `${at}?tab=runs`, server, handlers: [answer(aDataSetDetail({ tables }))] });
    expect(await screen.findByText('Full copy')).toBeVisible();
    await userEvent.click(screen.getByRole('tab', { name: 'Settings' }));
    const [, row] = within(await screen.findByRole('table', { name: /ables/ })).getAllByRole('row');
    expect(row).toHaveTextContent(/^public\.agencies–/);
  });

  it('asks for the range of the address', async () => {
    const asked: string[] = [];
    const handler = http.get(ONE, ({ request }) => {
      asked.push(new URL(request.url).searchParams.get('from') ?? '');
      return HttpResponse.json(aDataSetDetail());
    });
    const { history } = await renderApp({ at, server, handlers: [handler] });
    await userEvent.selectOptions(await screen.findByRole('combobox', { name: 'Range of the charts' }), 'now-1h');
    expect(history.location.search).toBe('?from=now-1h');
    await waitFor(() => expect(asked.at(-1)).toMatch(/^\d{4}-\d\d-\d\dT/));
    expect(asked[0]).toBe('');
  });
});
