import { type Status } from '@astro/contracts';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { App } from '../../app/App.js';
import { pollIntervalMs } from './status-query.js';
import { verdictOf } from './verdict.js';

const part = (name: string, healthy = true) => ({ name, healthy, detail: healthy ? 'Moving.' : 'Stalled for 70 s.' });
const status = (...components: Status['components']): Status => ({
  healthy: components.every(({ healthy }) => healthy),
  components,
  asOf: '2026-11-22T10:00:00.000Z',
});

const fetchMock = jest.fn<Promise<Response>, [string, RequestInit]>();
const json = (body: unknown, init: ResponseInit = {}) => Promise.resolve(Response.json(body, init));
const never = () => new Promise<Response>(() => undefined);

beforeEach(() => {
  jest.useFakeTimers();
  globalThis.fetch = fetchMock as typeof fetch;
});
afterEach(() => {
  fetchMock.mockReset();
  jest.useRealTimers();
});

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));

describe('the Overview', () => {
  it('says that all parts are moving, in the page and in the title', async () => {
    fetchMock.mockImplementation(() => json(status(part('CacheDB'), part('capture'))));
    render(<App />);
    expect(await screen.findByText('All parts are moving')).toBeVisible();
    expect(document.title).toBe('All parts are moving · AstroBookings synchronization');
    expect(screen.getAllByRole('listitem')).toHaveLength(2);
    expect(fetchMock.mock.calls[0]?.[0]).toBe('/api/v1/status');
  });

  it('puts the parts that need a person first, with icon, word and reason', async () => {
    fetchMock.mockImplementation(() => json(status(part('CacheDB'), part('capture', false))));
    render(<App />);
    expect(await screen.findByText('1 part needs you: capture')).toBeVisible();
    const [first] = screen.getAllByRole('listitem');
    const row = within(first as HTMLElement);
    expect(row.getByText('capture')).toBeVisible();
    expect(row.getByText('needs you')).toBeVisible();
    expect(row.getByText('Stalled for 70 s.')).toBeVisible();
    expect(first?.querySelector('svg')).toBeInTheDocument();
  });

  it('has one first heading, a skip link to the main landmark, and a banner', async () => {
    fetchMock.mockImplementation(() => json(status(part('capture'))));
    render(<App />);
    await screen.findByText('All parts are moving');
    expect(screen.getAllByRole('heading', { level: 1 }).map((heading) => heading.textContent)).toEqual(['Overview']);
    expect(screen.getByRole('link', { name: 'Skip to content' })).toHaveAttribute(
      'href',
      `#${screen.getByRole('main').id}`,
    );
    expect(screen.getByRole('banner')).toBeInTheDocument();
  });

  it('shows the shape of the page while the first answer takes long', async () => {
    fetchMock.mockImplementation(never);
    render(<App />);
    expect(screen.queryByText('Loading the state of all parts')).not.toBeInTheDocument();
    await pass(250);
    expect(screen.getByText('Loading the state of all parts')).toBeInTheDocument();
  });

  it('says how old the data is, and renews it', async () => {
    fetchMock.mockImplementationOnce(() => json(status(part('capture')))).mockImplementationOnce(never);
    render(<App />);
    await screen.findByText('updated 0 s ago');
    await pass(3_000);
    expect(await screen.findByText('updated 3 s ago')).toBeVisible();
    await pass(2_500);
    expect(fetchMock).toHaveBeenCalledTimes(2);
  });

  it('keeps the last data when the server goes away, says so, and recovers', async () => {
    fetchMock.mockImplementationOnce(() => json(status(part('capture'))));
    fetchMock.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    fetchMock.mockImplementation(() => json(status(part('capture', false))));
    render(<App />);
    await screen.findByText('All parts are moving');
    await pass(5_500);
    expect(screen.getByText('This may be out of date')).toBeVisible();
    expect(screen.getByText('All parts are moving')).toBeVisible();
    fireEvent.click(screen.getByRole('button', { name: 'Ask now' }));
    expect(await screen.findByText('1 part needs you: capture')).toBeVisible();
    expect(screen.queryByText('This may be out of date')).not.toBeInTheDocument();
  });

  it.each<[string, () => Promise<Response>, string, string]>([
    [
      'no server',
      () => Promise.reject(new TypeError('Failed to fetch')),
      'The server cannot be reached',
      'Check that system-api runs',
    ],
    ['an answer of another shape', () => json({ ok: true }), 'The answer was not understood', 'reload it'],
    ['no JSON', () => Promise.resolve(new Response('<html>')), 'The answer was not understood', 'reload it'],
    [
      'an error page',
      () => Promise.resolve(new Response('bad', { status: 502 })),
      'The server answered with an error',
      'tell an administrator',
    ],
    [
      'a problem',
      () =>
        json(
          {
            type: 'about:blank',
            title: 'Not Found',
            status: 404,
            detail: 'Nothing here.',
            instance: '/',
            code: 'NOT_FOUND',
            requestId: 'id-7',
          },
          { status: 404 },
        ),
      'Not Found',
      'Request id: id-7',
    ],
  ])('explains %s and tries again on request', async (_name, answer, title, text) => {
    fetchMock.mockImplementationOnce(answer);
    fetchMock.mockImplementation(() => json(status(part('capture'))));
    render(<App />);
    expect(await screen.findByText(title)).toBeVisible();
    expect(screen.getByText(new RegExp(text))).toBeVisible();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('All parts are moving')).toBeVisible();
  });

  it('changes the colour scheme', async () => {
    fetchMock.mockImplementation(() => json(status(part('capture'))));
    render(<App />);
    fireEvent.click(screen.getByRole('radio', { name: 'Dark' }));
    await waitFor(() => expect(document.documentElement).toHaveAttribute('data-mantine-color-scheme', 'dark'));
    fireEvent.click(screen.getByRole('radio', { name: 'Auto' }));
    await waitFor(() => expect(document.documentElement).toHaveAttribute('data-mantine-color-scheme', 'light'));
  });

  it('shows hostile text as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    fetchMock.mockImplementation(() => json(status({ name: hostile, healthy: true, detail: hostile })));
    render(<App />);
    expect(await screen.findAllByText(hostile)).toHaveLength(2);
    expect(document.querySelector('img')).not.toBeInTheDocument();
  });
});

it.each<[string, Status, string]>([
  ['all well', status(part('a')), 'All parts are moving'],
  ['one', status(part('a'), part('b', false)), '1 part needs you: b'],
  ['three', status(part('a', false), part('b', false), part('c', false)), '3 parts need you: a, b, c'],
  [
    'many',
    status(...['a', 'b', 'c', 'd', 'e'].map((name) => part(name, false))),
    '5 parts need you: a, b, c and 2 more',
  ],
  ['unhealthy without a part', { ...status(part('a')), healthy: false }, 'The server says that something is wrong'],
])('verdict: %s', (_name, given, expected) => {
  expect(verdictOf(given)).toBe(expected);
});

it.each([
  ['no data yet', { data: undefined, ageMs: 0, isFailing: true }, 5_000],
  ['all well', { data: status(part('a')), ageMs: 1, isFailing: false }, 5_000],
  ['trouble', { data: status(part('a', false)), ageMs: 1, isFailing: false }, 1_000],
  ['just lost', { data: status(part('a')), ageMs: 100, isFailing: true }, 1_000],
  ['lost for a while', { data: status(part('a')), ageMs: 20_000, isFailing: true }, 4_000],
  ['lost for long', { data: status(part('a')), ageMs: 3_600_000, isFailing: true }, 10_000],
])('polls at the right pace: %s', (_name, state, expected) => {
  expect(pollIntervalMs(state)).toBe(expected);
});
