import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { aPerson, aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import { aChange, aChangeDetail, changeListOf, UNATTRIBUTED } from './a-change.fixture.js';
import './ChangesPage.js';
import { newerThan } from './use-steady-list.js';

const server = fakeApi();
const LIST = '/api/v1/changes';
const dataSets = http.get('/api/v1/data-sets', () =>
  HttpResponse.json({ items: [], nextCursor: null, asOf: '2026-11-22T10:00:00.000Z' }),
);
const answer = (...args: Parameters<typeof changeListOf>) =>
  http.get(LIST, () => HttpResponse.json(changeListOf(...args)));

describe('the changes', () => {
  it('VS-1 VS-3 shows the shape of the table while the first answer takes long', async () => {
    await renderApp({ at: '/changes', server, handlers: [dataSets, http.get(LIST, () => delay('infinite'))] });
    expect(await screen.findByText('Loading the changes', undefined, { timeout: 5_000 })).toBeInTheDocument();
  });

  it('VS-1 VS-3 says what appears here when there is nothing yet', async () => {
    await renderApp({ at: '/changes', server, handlers: [dataSets, answer([])] });
    expect(await screen.findByText('No change yet')).toBeVisible();
  });

  it('VS-1 VS-3 names the filters that hide everything, and clears them', async () => {
    const { history } = await renderApp({
      at: '/changes?user=bob&unattributed=true',
      server,
      handlers: [dataSets, answer([])],
    });
    expect(await screen.findByText('The filters are: User: bob · Only unattributed.')).toBeVisible();
    await expect(document.body).toBeAccessible();
    await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
    await waitFor(() => expect(history.location.search).toBe(''));
  });

  it('VS-1 VS-3 explains a failure with the request id', async () => {
    const failing = http.get(LIST, () => aProblem(500, { title: 'Internal error', code: 'INTERNAL_SERVER_ERROR' }));
    await renderApp({ at: '/changes', server, handlers: [dataSets, failing] });
    expect(await screen.findByText('Internal error', undefined, { timeout: 10_000 })).toBeVisible();
    expect(screen.getByText('request-7')).toBeVisible();
  }, 15_000);

  it('OR-1 VS-3 shows who changed what, with links to the history and the explanation of the key', async () => {
    await renderApp({ at: '/changes', server, handlers: [dataSets, answer([aChange()])] });
    await userEvent.click(await screen.findByRole('button', { name: 'ana via billing-api · price-update' }));
    expect(await screen.findByText('order-17')).toBeInTheDocument();
    expect(screen.queryByRole('link', { name: 'Find in the audit trail' })).not.toBeInTheDocument();
    expect(screen.getByRole('link', { name: '4711' })).toHaveAttribute(
      'href',
      '/changes?dataSet=launches&table=public.launches&key=4711',
    );
    expect(screen.getByRole('link', { name: 'explain' })).toHaveAttribute(
      'href',
      '/explain?dataSet=launches&table=public.launches&key=4711',
    );
  });

  it('leads an auditor on to the audit trail', async () => {
    await renderApp({ at: '/changes', server, me: aPerson('auditor'), handlers: [dataSets, answer([aChange()])] });
    await userEvent.click(await screen.findByRole('button', { name: /ana via/ }));
    expect(await screen.findByRole('link', { name: 'Find in the audit trail' })).toHaveAttribute(
      'href',
      '/audit?correlationId=order-17',
    );
  });

  it('OR-1 says unattributed, and shows hostile values as text', async () => {
    const entityId = '<img src=x onerror=alert(1)>';
    const changes = [aChange({ id: '2', origin: UNATTRIBUTED, entityId }), aChange({ id: '1', op: 'truncate' })];
    await renderApp({ at: '/changes', server, handlers: [dataSets, answer(changes)] });
    expect(await screen.findByRole('button', { name: 'unattributed: role app_rw, psql' })).toBeVisible();
    expect(screen.getByRole('link', { name: entityId })).toBeVisible();
    expect(document.querySelector('img')).not.toBeInTheDocument();
    expect(screen.getByText('the whole table')).toBeVisible();
  });

  it('asks the server for every filter of the address', async () => {
    const asked: Record<string, string>[] = [];
    const handler = http.get(LIST, ({ request }) => {
      asked.push(Object.fromEntries(new URL(request.url).searchParams));
      return HttpResponse.json(changeListOf([aChange()]));
    });
    const { history } = await renderApp({
      at: '/changes?dataSet=launches&unattributed=true&from=2026-11-22T09:00:00Z&open=',
      server,
      handlers: [dataSets, handler],
    });
    await screen.findByRole('link', { name: '4711' });
    expect(asked[0]).toEqual({
      dataSet: 'launches',
      unattributed: 'true',
      from: '2026-11-22T09:00:00.000Z',
      limit: '50',
    });
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Status' }), 'failed');
    await userEvent.type(screen.getByRole('textbox', { name: 'Correlation id' }), 'order-17{Enter}');
    await waitFor(() => expect(asked.at(-1)).toMatchObject({ status: 'failed', correlationId: 'order-17' }));
    expect(history.location.search).toContain('correlationId=order-17');
  });

  it('LV-4 new changes wait in a button while the pointer is on the list', async () => {
    let items = [aChange({ id: '1', entityId: 'first', status: 'pending' })];
    await renderApp({
      at: '/changes',
      server,
      handlers: [dataSets, http.get(LIST, () => HttpResponse.json(changeListOf(items)))],
    });
    await userEvent.hover(await screen.findByRole('link', { name: 'first' }));
    items = [aChange({ id: '2', entityId: 'second' }), aChange({ id: '1', entityId: 'first' })];
    const button = await screen.findByRole('button', { name: '1 new change' }, { timeout: 5_000 });
    expect(screen.queryByRole('link', { name: 'second' })).not.toBeInTheDocument();
    expect(screen.queryByText('pending', { selector: 'span *' })).not.toBeInTheDocument();
    await userEvent.click(button);
    expect(await screen.findByRole('link', { name: 'second' })).toBeVisible();
  }, 15_000);

  it('LV-4 the next page goes on from what is shown, while the pointer holds it and something new waits', async () => {
    let items = [aChange({ id: '1', entityId: 'first' })];
    let answerNext: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (answerNext = resolve));
    const page = http.get(LIST, async ({ request }) => {
      const cursor = new URL(request.url).searchParams.get('cursor');
      if (cursor === null) return HttpResponse.json(changeListOf(items, { nextCursor: `behind ${items.length}` }));
      await asked;
      return HttpResponse.json(changeListOf([aChange({ id: '0', entityId: cursor })]));
    });
    await renderApp({ at: '/changes', server, handlers: [dataSets, page] });
    await userEvent.hover(await screen.findByRole('link', { name: 'first' }));
    items = [aChange({ id: '2', entityId: 'second' }), ...items];
    await screen.findByRole('button', { name: '1 new change' }, { timeout: 5_000 });
    await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
    expect(screen.getByRole('link', { name: 'first' })).toBeVisible();
    expect(screen.queryByRole('link', { name: 'second' })).not.toBeInTheDocument();
    answerNext();
    expect(await screen.findByRole('link', { name: 'behind 1' })).toBeVisible();
    expect(screen.queryByRole('link', { name: 'first' })).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /new changes?$/ })).not.toBeInTheDocument();
  });

  it('follows by itself, and freezes', async () => {
    let items = [aChange({ id: '1', entityId: 'first' })];
    await renderApp({
      at: '/changes',
      server,
      handlers: [dataSets, http.get(LIST, () => HttpResponse.json(changeListOf(items)))],
    });
    await screen.findByRole('link', { name: 'first' });
    items = [aChange({ id: '2', entityId: 'second' }), ...items];
    expect(await screen.findByRole('link', { name: 'second' }, { timeout: 5_000 })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Freeze' }));
    expect(await screen.findByText(/Nothing on this page is renewed/)).toBeVisible();
  }, 15_000);

  it('says how far an early end has looked, and searches on', async () => {
    const list = { searchedUntil: '2026-11-20T00:00:00.000Z', nextCursor: 'older' };
    const { history } = await renderApp({
      at: '/changes?user=bob',
      server,
      handlers: [dataSets, answer([], list)],
    });
    expect(await screen.findByText(/Searched back to/)).toHaveTextContent('2026-11-20 00:00:00 UTC');
    await userEvent.click(screen.getByRole('button', { name: 'Search further back' }));
    await waitFor(() => expect(history.location.search).toContain('cursor=older'));
    await userEvent.click(await screen.findByRole('button', { name: 'First page' }));
    await waitFor(() => expect(history.location.search).toBe('?user=bob'));
  });

  it('shows one change whole, in a drawer of the address', async () => {
    const one = http.get('/api/v1/changes/900', () =>
      HttpResponse.json(aChangeDetail({ error: { code: 'TOO_LONG', message: 'The value is too long' } })),
    );
    const { history } = await renderApp({
      at: '/changes?open=900',
      server,
      handlers: [one, dataSets, answer([aChange()])],
    });
    const drawer = within(await screen.findByRole('dialog', { name: 'Change 900' }));
    const table = within(await drawer.findByRole('table', { name: 'Fields' }));
    const [, first] = table.getAllByRole('row').map((row) => row.textContent);
    expect(first).toBe('price12.5013.00changed');
    expect(drawer.getByText('The value is too long')).toBeVisible();
    expect(drawer.getByRole('link', { name: 'History of this key' })).toBeVisible();
    await userEvent.click(drawer.getByRole('button', { name: 'Close the details' }));
    await waitFor(() => expect(history.location.search).toBe(''));
  });
});

describe('what is new', () => {
  const list = (...ids: string[]) => ids.map((id) => aChange({ id }));
  it.each([
    [list('2', '1'), list('2', '1'), null],
    [list('2', '1'), list('4', '3', '2'), '2'],
    [list('2', '1'), list('9', '8'), '2+'],
    [list(), list('1'), '1'],
    [list(), list(), null],
  ])('is counted %#', (shown, fresh, count) => expect(newerThan(shown, fresh)).toBe(count));
});
