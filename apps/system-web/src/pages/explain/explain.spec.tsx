import { type Explanation } from '@astro/contracts';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import { aChange, UNATTRIBUTED } from '../changes/a-change.fixture.js';
import './ExplainPage.js';
import { fieldRows, ticketText, VERDICTS } from './verdicts.js';

const server = fakeApi();
const ANSWER = '/api/v1/explain';
const at = '/explain?dataSet=launches&key=4711';
const dataSets = http.get('/api/v1/data-sets', () =>
  HttpResponse.json({ items: [], nextCursor: null, asOf: '2026-11-22T10:00:00.000Z' }),
);

function anExplanation(more: Partial<Explanation> = {}): Explanation {
  return {
    dataSet: 'launches',
    key: '4711',
    table: 'public.launches',
    sentence: 'CacheDB holds what OperationsDB holds. Last changed by ana via billing-api.',
    verdict: 'equal',
    source: {
      endpoint: 'operations',
      place: 'public.launches',
      state: 'present',
      value: { id: 4711, price: '13.00' },
      detail: null,
      tookMs: 1.2,
    },
    target: {
      endpoint: 'cache',
      place: 'launches:4711',
      state: 'present',
      value: { id: 4711, price: '13.00', _at: '16/B3' },
      detail: null,
      tookMs: 0.4,
    },
    differences: [],
    dataSetStatus: 'fresh',
    position: { commitLsn: '16/B374D848', seq: 2, at: null },
    captured: { commitLsn: '16/B374D850', safeLsn: '16/B374D852' },
    cause: aChange(),
    waiting: null,
    history: [aChange()],
    historyComplete: true,
    related: [],
    asOf: '2026-11-22T10:00:00.000Z',
    ...more,
  };
}

const answer = (more: Partial<Explanation> = {}) => http.get(ANSWER, () => HttpResponse.json(anExplanation(more)));

describe('explaining a value', () => {
  it('VS-1 VS-3 asks which value first, and keeps the question in the address', async () => {
    const { history } = await renderApp({ at: '/explain?dataSet=launches', server, handlers: [dataSets, answer()] });
    expect(await screen.findByText('Which value?')).toBeVisible();
    await expect(document.body).toBeAccessible();
    await userEvent.type(screen.getByRole('searchbox', { name: 'Key' }), '4711{Enter}');
    expect(await screen.findByText(/CacheDB holds what OperationsDB holds/)).toBeVisible();
    expect(history.location.search).toBe('?dataSet=launches&key=4711');
  });

  it('VS-1 VS-3 says that it looks', async () => {
    await renderApp({ at, server, handlers: [dataSets, http.get(ANSWER, () => delay('infinite'))] });
    expect(await screen.findByText('Looking the value up', undefined, { timeout: 5_000 })).toBeInTheDocument();
  });

  it('VS-1 VS-3 explains a failure', async () => {
    const none = http.get(ANSWER, () => aProblem(404, { title: 'No such data set', code: 'NOT_FOUND' }));
    await renderApp({ at, server, handlers: [dataSets, none] });
    expect(await screen.findByText('No such data set')).toBeVisible();
  });

  it('on a narrow view shows both sides of a field one below the other', async () => {
    const wide = window.matchMedia;
    window.matchMedia = (query) => ({ ...wide(query), matches: true });
    await renderApp({ at, server, handlers: [dataSets, answer()] });
    const fields = await screen.findByRole('list', { name: 'Fields of source and target' });
    window.matchMedia = wide;
    expect(within(fields).getAllByText('OperationsDB')).toHaveLength(within(fields).getAllByRole('listitem').length);
    expect(screen.queryByRole('table', { name: 'Fields' })).not.toBeInTheDocument();
  });

  it('EX-3 VS-3 says the sentence, what both sides hold, who made it so, and the positions', async () => {
    await renderApp({ at, server, handlers: [dataSets, answer()] });
    expect(await screen.findByText('Source and target say the same')).toBeVisible();
    expect(screen.getByText('OperationsDB holds it')).toBeVisible();
    expect(screen.getByText('CacheDB holds it')).toBeVisible();
    expect(screen.getByText('16/B374D848 · 2')).toBeVisible();
    const rows = within(screen.getByRole('table', { name: 'Fields' })).getAllByRole('row');
    expect(rows.map(({ textContent }) => textContent)).toEqual([
      'FieldOperationsDBCacheDBCompared',
      'id47114711same',
      'price13.0013.00same',
      '_at–16/B3not compared',
    ]);
    expect(screen.getAllByRole('button', { name: 'ana via billing-api · price-update' })).toHaveLength(2);
    expect(screen.getByRole('table', { name: 'History of the key' })).toBeVisible();
  });

  it('EX-2 puts what differs first and names the next change that waits, also an unattributed one', async () => {
    const waiting = aChange({ id: '901', status: 'pending', origin: UNATTRIBUTED });
    const differences = [{ field: 'price', source: '13.00', target: '<b>12</b>' }];
    const target = { ...anExplanation().target, value: { id: 4711, price: '<b>12</b>' } };
    await renderApp({ at, server, handlers: [dataSets, answer({ verdict: 'behind', waiting, differences, target })] });
    expect(await screen.findByText('The target is behind')).toBeVisible();
    const [, first] = within(screen.getByRole('table', { name: 'Fields' })).getAllByRole('row');
    expect(first).toHaveTextContent('price13.00<b>12</b>differs');
    expect(screen.getByRole('button', { name: 'unattributed: role app_rw, psql' })).toBeVisible();
  });

  it('shows one field, and says when neither side has it', async () => {
    const { history } = await renderApp({ at: `${at}&field=price`, server, handlers: [dataSets, answer()] });
    expect(within(await screen.findByRole('table', { name: 'Fields' })).getAllByRole('row')).toHaveLength(2);
    const field = screen.getByRole('textbox', { name: 'Only this field' });
    await userEvent.clear(field);
    await userEvent.type(field, 'colour{Enter}');
    expect(await screen.findByText('Neither of them has the field colour.')).toBeVisible();
    await waitFor(() => expect(history.location.search).toContain('field=colour'));
  });

  it('shows a key that was never seen, a side that cannot be asked, and the parts of a document', async () => {
    const { source } = anExplanation();
    const unknown = { ...source, state: 'unknown', value: null, detail: 'It is away.' } as const;
    const nothing = { cause: null, history: [], historyComplete: false, position: null };
    const related = [{ table: 'public.rockets', key: '7', changes: [] }];
    await renderApp({
      at,
      server,
      handlers: [dataSets, answer({ ...nothing, verdict: 'unknown', source: unknown, related })],
    });
    expect(await screen.findByText('OperationsDB could not be asked')).toBeVisible();
    expect(screen.getByText('It is away.')).toBeVisible();
    expect(screen.getByText('The ledger knows no change of this key.')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Search for older changes of this key' })).toBeVisible();
    expect(screen.getByText('The ledger knows no change of this row.')).toBeVisible();
  });
});

it('EX-3 every verdict has words of its own', () => {
  const titles = Object.values(VERDICTS).map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
});

it('EX-3 the text for a ticket stands alone', () => {
  expect(ticketText(anExplanation(), 'https://sync.example/explain')).toBe(
    'launches, public.launches, key 4711: Source and target say the same.\n' +
      'CacheDB holds what OperationsDB holds. Last changed by ana via billing-api.\n' +
      'Looked at 2026-11-22T10:00:00.000Z: https://sync.example/explain',
  );
});

it('a field that only one side has is not compared', () => {
  const [row] = fieldRows(anExplanation(), '_at');
  expect(row).toEqual({ name: '_at', target: '16/B3', verdict: 'not compared' });
});
