import { type AuditEntry } from '@astro/contracts';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { aPerson, aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import './AuditPage.js';
import { fileName } from './export-file.js';

const server = fakeApi();
const LIST = '/api/v1/audit';
const me = aPerson('auditor');

function anEntry(more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: '31',
    timestamp: '2026-11-22T09:59:58.000Z',
    initiator: { kind: 'user', id: '7', name: 'Ana' },
    service: 'system-api',
    action: 'run.start',
    entityType: 'run',
    entityId: '12',
    result: 'succeeded',
    details: { mode: 'full', dataSets: ['launches'] },
    address: '10.0.0.7',
    requestId: 'request-9',
    correlationId: 'order-17',
    ...more,
  };
}

const answer = (...items: AuditEntry[]) =>
  http.get(LIST, () => HttpResponse.json({ items, nextCursor: null, asOf: '2026-11-22T10:00:00.000Z' }));

describe('the audit trail', () => {
  it('VS-1 VS-3 shows the shape of the table while the first answer takes long', async () => {
    await renderApp({ at: '/audit', server, me, handlers: [http.get(LIST, () => delay('infinite'))] });
    expect(await screen.findByText('Loading the audit trail', undefined, { timeout: 5_000 })).toBeInTheDocument();
  });

  it('VS-1 VS-3 says what is written down when there is nothing', async () => {
    await renderApp({ at: '/audit', server, me, handlers: [answer()] });
    expect(await screen.findByText('No entry yet')).toBeVisible();
  });

  it('VS-1 VS-3 names the filters that hide everything, and clears them', async () => {
    const { history } = await renderApp({ at: '/audit?action=auth&result=refused', server, me, handlers: [answer()] });
    expect(await screen.findByText('The filters are: Action: auth · Result: refused.')).toBeVisible();
    await expect(document.body).toBeAccessible();
    await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
    await waitFor(() => expect(history.location.search).toBe(''));
  });

  it('VS-1 VS-3 explains a failure', async () => {
    const failing = http.get(LIST, () => aProblem(503, { title: 'SystemDB is away', code: 'AUDIT_UNAVAILABLE' }));
    await renderApp({ at: '/audit', server, me, handlers: [failing] });
    expect(await screen.findByText('SystemDB is away')).toBeVisible();
  });

  it.each(['viewer', 'operator'] as const)('AU-5 a %s sees that it is forbidden and asks nothing', async (role) => {
    await renderApp({ at: '/audit', server, me: aPerson(role) });
    expect(await screen.findByText('Your role may not open this page')).toBeVisible();
    expect(screen.queryByRole('link', { name: 'Audit trail' })).not.toBeInTheDocument();
  });

  it('AU-7 VS-3 shows who did what to which thing with what result, as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const refused = anEntry({ id: '30', result: 'refused', entityType: 'data_set', entityId: hostile });
    await renderApp({ at: '/audit', server, me, handlers: [answer(anEntry(), refused)] });
    const table = within(await screen.findByRole('table', { name: 'Audit entries' }));
    expect(table.getByText('run 12')).toBeVisible();
    expect(table.getByText('refused')).toBeVisible();
    expect(table.getByText(`data set ${hostile}`)).toBeVisible();
    expect(document.querySelector('img')).not.toBeInTheDocument();
    expect(table.getAllByRole('button', { name: 'Ana via system-api · run.start' })).toHaveLength(2);
  });

  it('asks for every filter of the address, once, and again by a click', async () => {
    const asked: Record<string, string>[] = [];
    const handler = http.get(LIST, ({ request }) => {
      asked.push(Object.fromEntries(new URL(request.url).searchParams));
      return HttpResponse.json({ items: [anEntry()], nextCursor: 'older', asOf: '2026-11-22T10:00:00.000Z' });
    });
    const at = '/audit?actor=ana&from=2026-11-22T09:00:00Z&limit=25';
    const { history } = await renderApp({ at, server, me, handlers: [handler] });
    await userEvent.click(await screen.findByRole('button', { name: 'Read again' }));
    await waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]).toEqual({ actor: 'ana', from: '2026-11-22T09:00:00.000Z', limit: '25' });
    await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
    await waitFor(() => expect(asked.at(-1)).toMatchObject({ cursor: 'older' }));
    await userEvent.type(screen.getByRole('searchbox', { name: 'Words' }), 'launches{Enter}');
    await waitFor(() => expect(asked.at(-1)).toEqual({ ...asked[0], text: 'launches' }));
    expect(history.location.search).toContain('text=launches');
  });

  it('says of an act on nothing in particular that it has no id', async () => {
    const handlers = [answer(anEntry({ entityId: null }))];
    await renderApp({ at: '/audit?open=31', server, me, handlers });
    const drawer = within(await screen.findByRole('dialog', { name: 'Entry 31' }));
    expect(drawer.getByText('Id of the thing').nextElementSibling).toHaveTextContent('none');
  });

  it('shows one entry whole, with ways on', async () => {
    const { history } = await renderApp({ at: '/audit?open=31', server, me, handlers: [answer(anEntry())] });
    const drawer = within(await screen.findByRole('dialog', { name: 'Entry 31' }));
    expect(drawer.getByText('["launches"]')).toBeInTheDocument();
    expect(drawer.getByRole('link', { name: 'Acts of the same story' })).toHaveAttribute(
      'href',
      '/audit?correlationId=order-17',
    );
    expect(drawer.getByRole('link', { name: 'Everything 5 min before and after' })).toHaveAttribute(
      'href',
      '/audit?from=2026-11-22T09%3A54%3A58.000Z&to=2026-11-22T10%3A04%3A58.000Z',
    );
    await userEvent.click(drawer.getByRole('button', { name: 'Close the details' }));
    await waitFor(() => expect(history.location.search).toBe(''));
  });
});

describe('the export', () => {
  const saved: Blob[] = [];
  beforeEach(() => {
    saved.length = 0;
    URL.createObjectURL = (file) => {
      saved.push(file as Blob);
      return 'blob:1';
    };
    URL.revokeObjectURL = () => undefined;
    HTMLAnchorElement.prototype.click = () => undefined;
  });

  it('AU-4 saves what the filters let through, with the token of the session', async () => {
    let asked = '';
    let token: string | null = null;
    const file = http.get(`${LIST}/export`, ({ request }) => {
      asked = new URL(request.url).search;
      token = request.headers.get('authorization');
      return HttpResponse.text('id,timestamp\r\n31,x\r\n', { headers: { 'content-type': 'text/csv' } });
    });
    await renderApp({ at: '/audit?actor=ana', server, me, handlers: [file, answer(anEntry())] });
    await userEvent.click(await screen.findByRole('button', { name: 'Export the filtered entries as CSV' }));
    expect(await screen.findByText('The audit trail is exported')).toBeInTheDocument();
    expect(asked).toBe('?actor=ana&format=csv');
    expect(token).toBe(`Bearer token-of-${me.email}`);
    expect(saved).toHaveLength(1);
  });

  it('says why nothing was saved', async () => {
    const file = http.get(`${LIST}/export`, () => aProblem(503, { detail: 'The trail cannot be read.' }));
    await renderApp({ at: '/audit', server, me, handlers: [file, answer(anEntry())] });
    await userEvent.click(await screen.findByRole('button', { name: 'Export everything as JSON lines' }));
    expect(await screen.findByText('The trail cannot be read.')).toBeInTheDocument();
    expect(saved).toHaveLength(0);
  });

  it('names the file by its time and whether it is filtered', () => {
    const atMs = Date.parse('2026-11-22T13:02:11Z');
    expect(fileName('csv', atMs, true)).toBe('audit_2026-11-22T1302Z_filtered.csv');
    expect(fileName('jsonl', atMs, false)).toBe('audit_2026-11-22T1302Z_all.jsonl');
  });
});
