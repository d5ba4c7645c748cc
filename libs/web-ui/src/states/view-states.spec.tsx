import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderUi } from '../test/render.fixture.js';
import { ViewStates, type ViewStatesProps } from './ViewStates.js';

type Props = ViewStatesProps<readonly string[]>;

const PROBLEM = { title: 'Something is wrong', detail: 'A database is away.', requestId: 'request-7', status: 503 };
const show = (more: Partial<Props>): Props => ({
  data: undefined,
  problem: null,
  updatedAtMs: Date.now(),
  onRetry: () => undefined,
  loadingLabel: 'Loading the runs',
  isEmpty: (runs) => runs.length === 0,
  empty: { title: 'No run yet', text: 'Start a sync to see one here.' },
  children: (runs) => <p>{runs.join(', ')}</p>,
  ...more,
});

it.each<[string, Partial<Props>, string]>([
  ['first-use empty', { data: [] }, 'No run yet'],
  [
    'filtered empty',
    { data: [], filters: { labels: ['Status: failed'], onClear: () => undefined } },
    'Nothing matches',
  ],
  ['data', { data: ['run 1'] }, 'run 1'],
  ['stale', { data: ['run 1'], problem: PROBLEM, updatedAtMs: Date.now() - 90_000 }, 'This may be out of date'],
  ['partial', { data: ['run 1'], missing: () => [{ what: 'Rates', why: 'no worker answers' }] }, 'A part is missing'],
  ['forbidden', { problem: { ...PROBLEM, title: 'Forbidden', status: 403 } }, 'Forbidden'],
  ['failed', { problem: PROBLEM }, 'Something is wrong'],
])('VS-1 VS-3 %s', (_name, more, expected) => {
  renderUi(<ViewStates {...show(more)} />);
  expect(screen.getByText(expected)).toBeVisible();
});

it('VS-1 VS-3 first load shows its shape after 200 ms, not before', () => {
  jest.useFakeTimers();
  renderUi(<ViewStates {...show({})} />);
  expect(screen.queryByText('Loading the runs')).not.toBeInTheDocument();
  act(() => jest.advanceTimersByTime(250));
  expect(screen.getByText('Loading the runs')).toBeInTheDocument();
  jest.useRealTimers();
});

it('VS-1 VS-3 stale keeps the data, says its age, and asks on request', async () => {
  const onRetry = jest.fn();
  renderUi(<ViewStates {...show({ data: ['run 1'], problem: PROBLEM, updatedAtMs: Date.now() - 90_000, onRetry })} />);
  expect(screen.getByText('run 1')).toBeVisible();
  expect(screen.getByText(/1 min ago/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Ask now' }));
  expect(onRetry).toHaveBeenCalledTimes(1);
});

it('VS-1 VS-3 failed has the request id to copy and a retry; forbidden has no retry', async () => {
  const { unmount } = renderUi(<ViewStates {...show({ problem: PROBLEM })} />);
  expect(screen.getByText('request-7')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Copy request id' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
  await expect(document.body).toBeAccessible();
  unmount();
  renderUi(<ViewStates {...show({ problem: { ...PROBLEM, status: 403 } })} />);
  expect(screen.queryByRole('button', { name: 'Try again' })).not.toBeInTheDocument();
});

it('VS-1 VS-3 filtered empty names the filters and clears them', async () => {
  const onClear = jest.fn();
  renderUi(<ViewStates {...show({ data: [], filters: { labels: ['Status: failed', 'Mode: full'], onClear } })} />);
  expect(screen.getByText('The filters are: Status: failed · Mode: full.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
  expect(onClear).toHaveBeenCalledTimes(1);
});
