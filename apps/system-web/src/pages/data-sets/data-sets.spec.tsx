import { type DataSet } from '@astro/contracts';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { aPerson, aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import { aDataSet } from './a-data-set.fixture.js';
import './DataSetsPage.js';
import { fitting, printSort, sorted, sortOf } from './choose.js';
import { lagWords, modeWords, rowsWords } from './words.js';

const server = fakeApi();
const LIST = '/api/v1/data-sets';
const answer = (...items: DataSet[]) =>
  http.get(LIST, () => HttpResponse.json({ items, nextCursor: null, asOf: '2026-11-22T10:00:00.000Z' }));
const late = aDataSet({
  name: 'bookings',
  status: 'late',
  statusReason: '1 240 changes wait, the oldest for 42 s.',
  lagRows: { rows: 1_240, exact: false },
  lagSeconds: 42,
  setAsideKeys: 3,
});

const rowOf = (name: string) => within(screen.getByRole('link', { name }).closest('tr') as HTMLElement);
const names = () =>
  screen.getAllByRole('row').flatMap((row) => within(row).queryAllByRole('link')[0]?.textContent ?? []);

describe('the data sets', () => {
  it('VS-1 VS-3 shows the shape of the table while the first answer takes long', async () => {
    await renderApp({ at: '/data-sets', server, handlers: [http.get(LIST, () => delay('infinite'))] });
    expect(await screen.findByText('Loading the data sets', undefined, { timeout: 5_000 })).toBeInTheDocument();
  });

  it('VS-1 VS-3 says what a data set is when there is none', async () => {
    await renderApp({ at: '/data-sets', server, handlers: [answer()] });
    expect(await screen.findByText('No data set is declared yet')).toBeVisible();
  });

  it('VS-1 VS-3 names the filters that hide everything, and clears them', async () => {
    const view = await renderApp({ at: '/data-sets?text=zzz', server, handlers: [answer(aDataSet())] });
    expect(await screen.findByText('Nothing matches')).toBeVisible();
    expect(screen.getByText(/Name or table: zzz/, { selector: 'p' })).toBeVisible();
    await expect(document.body).toBeAccessible();
    await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
    expect(await screen.findByRole('link', { name: 'launches' })).toBeVisible();
    expect(view.history.location.search).toBe('');
  });

  it('VS-1 VS-3 explains a failure and tries again', async () => {
    let isDown = true;
    const handler = http.get(LIST, () =>
      isDown
        ? aProblem(503, { title: 'SystemDB is away', code: 'SERVICE_UNAVAILABLE' })
        : HttpResponse.json({ items: [aDataSet()], nextCursor: null, asOf: '2026-11-22T10:00:00.000Z' }),
    );
    await renderApp({ at: '/data-sets', server, handlers: [handler] });
    expect(await screen.findByText('SystemDB is away', undefined, { timeout: 10_000 })).toBeVisible();
    await expect(document.body).toBeAccessible();
    isDown = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('link', { name: 'launches' })).toBeVisible();
  }, 15_000);

  it('DS-3 VS-3 shows status, lag, last run and keys set aside of each, with a link to it', async () => {
    await renderApp({ at: '/data-sets', server, handlers: [answer(aDataSet(), late)] });
    const link = await screen.findByRole('link', { name: 'bookings' });
    expect(link).toHaveAttribute('href', '/data-sets/bookings');
    const row = rowOf('bookings');
    expect(row.getByText('late')).toBeVisible();
    expect(row.getByText(/^at least 1.240 rows, 42 s$/)).toBeVisible();
    expect(row.getByRole('link', { name: 'Run 12' })).toHaveAttribute('href', '/runs/12');
    expect(row.getByText('3')).toBeVisible();
    expect(rowOf('launches').getByText('fresh')).toBeVisible();
  });

  it('DS-2 unknown is not shown as fresh, and the reason stands above', async () => {
    const unknown = aDataSet({
      status: 'unknown',
      statusReason: 'No worker has reported since 09:12.',
      lagRows: null,
      lagSeconds: null,
    });
    await renderApp({ at: '/data-sets', server, handlers: [answer(unknown)] });
    await screen.findByRole('link', { name: 'launches' });
    expect(rowOf('launches').getByText('unknown')).toBeVisible();
    expect(rowOf('launches').getByText('not known')).toBeVisible();
    expect(rowOf('launches').queryByText('fresh')).not.toBeInTheDocument();
    expect(screen.getByText('launches: No worker has reported since 09:12.')).toBeVisible();
  });

  it('filters and sorts in the address', async () => {
    const { history } = await renderApp({
      at: '/data-sets?status=late&status=fresh',
      server,
      handlers: [answer(aDataSet(), late)],
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Lag' }));
    await userEvent.click(screen.getByRole('button', { name: 'Lag' }));
    await waitFor(() => expect(names()).toEqual(['bookings', 'launches']));
    expect(history.location.search).toContain('sort=-lag');
    await userEvent.click(screen.getByRole('button', { name: 'Remove the filter Status: late' }));
    await waitFor(() => expect(names()).toEqual(['launches']));
    await userEvent.type(screen.getByRole('searchbox', { name: 'Name or table' }), 'laun{Enter}');
    await waitFor(() => expect(history.location.search).toContain('text=laun'));
  });

  it('chooses several to sync', async () => {
    const { history } = await renderApp({ at: '/data-sets', server, handlers: [answer(aDataSet(), late)] });
    const button = await screen.findByRole('button', { name: 'Sync the chosen' });
    expect(button).toHaveAccessibleDescription('Choose data sets in the table first.');
    await userEvent.click(screen.getByRole('checkbox', { name: 'Select all rows on this page' }));
    await userEvent.click(screen.getByRole('button', { name: 'Sync the chosen' }));
    expect(history.location.href).toBe('/sync/new?dataSet=launches&dataSet=bookings');
  });

  it('says to a viewer why nothing can be started', async () => {
    const reason = 'Your role, viewer, only reads.';
    const refused = { ok: false, reason };
    const dataSet = aDataSet({ allowed: { sync: refused, verify: refused, repair: refused } });
    await renderApp({ at: '/data-sets', server, me: aPerson('viewer'), handlers: [answer(dataSet)] });
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Select launches' }));
    expect(screen.getByRole('button', { name: 'Sync the chosen' })).toHaveAccessibleDescription(reason);
  });
});

describe('choosing data sets', () => {
  it('URL-4 an order that is not known is no order', () => {
    expect(sortOf('constructor')).toBeNull();
    expect(sortOf(undefined)).toBeNull();
  });

  it.each(['name', '-lag', 'setAside'])('URL-1 the order %s survives the address', (text) => {
    expect(printSort(sortOf(text))).toBe(text);
  });

  it('finds by the name of a table too', () => {
    expect(fitting([aDataSet()], { text: 'PUBLIC.LAUN', status: [] })).toHaveLength(1);
    expect(fitting([aDataSet()], { text: 'launches', status: [], mode: 'scheduled' })).toHaveLength(0);
  });

  it('puts the worst status first', () => {
    const one = [aDataSet(), late, aDataSet({ name: 'rockets', status: 'needs_resync' })];
    expect(sorted(one, sortOf('status')).map(({ name }) => name)).toEqual(['rockets', 'bookings', 'launches']);
    expect(sorted(one, sortOf('lastRun')).map(({ name }) => name)).toEqual(['launches', 'bookings', 'rockets']);
  });
});

describe('the words of a data set', () => {
  it.each([
    [{ lagRows: { rows: 1, exact: true }, lagSeconds: 0.42 }, '1 row, 0.4 s'],
    [{ lagRows: { rows: 10, exact: false }, lagSeconds: null }, 'at least 10 rows, time not known'],
    [{ lagRows: null, lagSeconds: null }, 'not known'],
    [{ lagRows: null, lagSeconds: 12 }, 'not known, 12 s'],
  ])('lag %#', (dataSet, words) => expect(lagWords(dataSet)).toBe(words));

  it('an estimate is said to be one, and a rule names its zone', () => {
    expect(rowsWords({ rows: 5, exact: false }, 'about')).toBe('about 5 rows');
    const schedule = { cron: '0 3 * * *', timeZone: 'Europe/Madrid' };
    expect(modeWords({ mode: 'scheduled', schedule })).toBe('scheduled: 0 3 * * * (Europe/Madrid)');
  });
});
