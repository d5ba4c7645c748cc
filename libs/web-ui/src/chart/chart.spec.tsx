import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderUi } from '../test/render.fixture.js';
import { type ChartCardProps, seriesLook } from './chart-props.js';
import { ChartCard } from './ChartCard.js';

const props: ChartCardProps = {
  title: 'Lag above target since 13:40',
  desc: 'Lag of orders over six hours.',
  unit: 's',
  xKind: 'time',
  series: [
    { key: 'lag', label: 'lag', kind: 'line' },
    { key: 'target', label: 'target', kind: 'line' },
  ],
  points: [
    { x: '2026-11-22T12:00:00Z', values: { lag: 1_200, target: 60 } },
    { x: '2026-11-22T12:01:00Z', values: { lag: null, target: 60 } },
  ],
};

it('CH-1 the table has every value of the chart', async () => {
  renderUi(<ChartCard {...props} />);
  await userEvent.click(screen.getByRole('button', { name: 'Table' }));
  const rows = within(screen.getByRole('table', { name: props.title })).getAllByRole('row');
  const cells = rows.map((row) => [...row.children].map((cell) => cell.textContent?.replaceAll('\u202f', ' ')));
  expect(cells).toEqual([
    ['Time', 'lag (s)', 'target (s)'],
    ['2026-11-22 13:00:00 CET', '1 200', '60'],
    ['2026-11-22 13:01:00 CET', 'no value', '60'],
  ]);
});

it('CH-2 the arrows move a cursor whose values are read out, and Enter opens the point', async () => {
  const onPoint = jest.fn();
  renderUi(<ChartCard {...props} onPoint={onPoint} />);
  const plot = screen.getByRole('img', { name: props.title });
  expect(plot).toHaveAccessibleDescription(props.desc);
  plot.focus();
  await userEvent.keyboard('{ArrowRight}{ArrowRight}');
  expect(screen.getByRole('status')).toHaveTextContent('2026-11-22 13:01:00 CET: lag no value, target 60 s');
  await userEvent.keyboard('{Home}');
  expect(screen.getByRole('status').textContent?.replaceAll('\u202f', ' ')).toContain('lag 1 200');
  await userEvent.keyboard('{Enter}');
  expect(onPoint).toHaveBeenCalledWith(props.points?.[0]);
  await userEvent.keyboard('{Escape}');
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
});

it('CH-3 Shift and the arrows draw a range, which Enter chooses in the order of time', async () => {
  const [onPoint, onRange] = [jest.fn(), jest.fn()];
  renderUi(<ChartCard {...props} onPoint={onPoint} onRange={onRange} />);
  const plot = screen.getByRole('img', { name: props.title });
  expect(plot).toHaveAccessibleDescription(/Shift and the arrows, to see a part alone\.$/);
  plot.focus();
  await userEvent.keyboard('{End}{Shift>}{ArrowLeft}{/Shift}');
  expect(screen.getByRole('status')).toHaveTextContent(
    '2026-11-22 13:00:00 CET to 2026-11-22 13:01:00 CET: Enter shows it alone',
  );
  await userEvent.keyboard('{Enter}');
  expect(onRange).toHaveBeenCalledWith('2026-11-22T12:00:00Z', '2026-11-22T12:01:00Z');
  expect(onPoint).not.toHaveBeenCalled();
  await userEvent.keyboard('{ArrowRight}{Enter}');
  expect(onPoint).toHaveBeenCalledWith(props.points?.[1]);
});

it('VS-1 VS-3 a chart without points says so, and one that failed can be tried again', async () => {
  const onRetry = jest.fn();
  const { unmount } = renderUi(<ChartCard {...props} points={[]} emptyText="No run in this range." />);
  expect(screen.getByText('No run in this range.')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Table' })).not.toBeInTheDocument();
  await expect(document.body).toBeAccessible();
  unmount();
  const { points: _points, ...unread } = props;
  renderUi(
    <ChartCard {...unread} points={undefined} problem={{ title: 'Broken', detail: 'It broke.' }} onRetry={onRetry} />,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(onRetry).toHaveBeenCalledTimes(1);
});

it('CH-1 six series differ in colour and in dash', () => {
  const looks = Array.from({ length: 6 }, (_, index) => seriesLook(index));
  expect(new Set(looks.map(({ color }) => color)).size).toBe(6);
  expect(new Set(looks.map(({ dash }) => dash)).size).toBe(6);
  expect(seriesLook(6)).toBe(seriesLook(0));
});
