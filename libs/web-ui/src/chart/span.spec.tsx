import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderUi, wrapped } from '../test/render.fixture.js';
import { type DrawnPart, drawnSpans, lengthName, lengthTicks, shortName, type Span } from './span-words.js';
import { SpanCard } from './SpanCard.js';
import { SpanShape } from './SpanShape.js';

const span = (name: string, from: string | null, to: string | null): Span => ({
  name,
  word: to === null ? 'running' : 'succeeded',
  tone: to === null ? 'blue' : 'green',
  from: from && `2026-11-22T12:${from}Z`,
  to: to && `2026-11-22T12:${to}Z`,
  parts: [],
});
const part = (word: string, from: string, to: string) => ({
  ...{ word, from: `2026-11-22T12:${from}Z`, to: `2026-11-22T12:${to}Z` },
});
const PARTS = [
  part('reading', '00:00', '00:02'),
  part('applying', '00:02', '00:05'),
  part('applying', '00:09', '00:12'),
];
const UNTIL = '2026-11-22T12:02:00Z';
const SPANS = [
  span('orders', '00:10', null),
  { ...span('agencies', '00:00', '00:12'), parts: PARTS },
  { ...span('late', null, null), word: 'waiting' },
];
const props = {
  title: 'Time of each data set',
  desc: 'From begin to end.',
  nameHeader: 'Data set',
  partsHeader: 'Phases',
  until: UNTIL,
  emptyText: 'None yet.',
};

describe('what is drawn', () => {
  it('is what has begun, in seconds since the first, in that order', () => {
    expect(drawnSpans(SPANS, UNTIL)).toMatchObject([
      { name: 'agencies', beganS: 0, endedS: 12 },
      { name: 'orders', beganS: 10, endedS: 120 },
    ]);
  });

  it('is of many what goes on, what did not end well, and the longest', () => {
    const many = Array.from({ length: 50 }, (_none, i) =>
      span(`set-${i}`, '00:00', `00:${String(i).padStart(2, '0')}`),
    );
    const begins = { ...span('begins', '01:59', null), tone: 'blue' } as const;
    const fails = { ...span('fails', '00:00', '00:00'), tone: 'red' } as const;
    const names = drawnSpans([...many, begins, fails], UNTIL).map(({ name }) => name);
    expect(names).toHaveLength(30);
    expect(names).not.toContain('set-21');
    expect(names).toEqual(expect.arrayContaining(['set-22', 'begins', 'fails']));
  });

  it('has its parts inside it, with rests between them', () => {
    const late = part('applying', '00:11', '00:30');
    const [agencies] = drawnSpans([{ ...span('agencies', '00:00', '00:12'), parts: [...PARTS, late] }], UNTIL);
    expect(agencies?.drawnParts.map(({ beganS, endedS }) => [beganS, endedS])).toEqual([
      ...[[0, 2], [2, 5], [9, 12]], // prettier-ignore
      [11, 12],
    ]);
  });

  it('never ends before it begins, as clocks of two machines can have it', () => {
    expect(drawnSpans([span('orders', '00:10', '00:09')], UNTIL)).toMatchObject([{ beganS: 0, endedS: 0 }]);
  });

  it.each([
    [0, [0, 1]],
    [4, [0, 1, 2, 3, 4]],
    [130, [0, 30, 60, 90, 120, 150]],
    [86_400 * 20, [0, 4, 8, 12, 16, 20].map((days) => days * 86_400)],
  ])('has an axis of %d s in round steps', (lastS, ticks) => {
    expect(lengthTicks(lastS)).toEqual(ticks);
  });

  it.each([
    [0, '0'],
    [90, '1 min 30 s'],
    [120, '2 min'],
    [3_600, '1 h'],
    [5_400, '1 h 30 min'],
  ])('writes %d s at its axis as %s', (seconds, words) => {
    expect(lengthName(seconds)).toBe(words);
  });

  it('has short names', () => {
    expect(['fourteen chars', 'fifteen charact'].map(shortName)).toEqual(['fourteen chars', 'fifteen chara…']);
  });
});

it('CH-1 the table has every span, also those that are not drawn', async () => {
  renderUi(<SpanCard {...props} spans={SPANS} />);
  await userEvent.click(screen.getByRole('button', { name: 'Table' }));
  const rows = within(screen.getByRole('table', { name: props.title })).getAllByRole('row');
  expect(rows.map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ['Data set', 'Began', 'Took', 'Phases', 'Status'],
    ['orders', '2026-11-22 13:00:10 CET', '1 min 50 s so far', '–', 'running'],
    ['agencies', '2026-11-22 13:00:00 CET', '12 s', 'reading 2 s, applying 6 s', 'succeeded'],
    ['late', 'not begun', '–', '–', 'waiting'],
  ]);
});

it('CH-2 the arrows move a cursor whose span is read out, and which stays there when another one begins', async () => {
  const { rerender } = renderUi(<SpanCard {...props} spans={SPANS} />);
  const plot = screen.getByRole('img', { name: props.title });
  expect(plot).toHaveAccessibleDescription(props.desc);
  plot.focus();
  await userEvent.keyboard('{ArrowDown}{ArrowDown}');
  const orders = 'orders: running, began 2026-11-22 13:00:10 CET';
  expect(screen.getByRole('status').textContent).toBe(orders);
  rerender(
    wrapped(<SpanCard {...props} until="2026-11-22T12:03:00Z" spans={[span('before', '00:05', null), ...SPANS]} />),
  );
  expect(screen.getByRole('status').textContent).toBe(orders);
  await userEvent.keyboard('{ArrowUp}{ArrowUp}');
  expect(screen.getByRole('status').textContent).toBe(
    'agencies: succeeded, began 2026-11-22 13:00:00 CET, took 12 s: reading 2 s, applying 6 s',
  );
  await userEvent.keyboard('{Escape}');
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
});

it('tells when not all that have begun are drawn', () => {
  const many = Array.from({ length: 31 }, (_none, i) => span(`set-${i}`, '00:00', '00:01'));
  const { rerender } = renderUi(<SpanCard {...props} spans={[...many, span('late', null, null)]} />);
  expect(screen.getByText('From begin to end. 30 of 31 are drawn; the table has all.')).toBeVisible();
  rerender(wrapped(<SpanCard {...props} spans={[...many.slice(1), span('late', null, null)]} />));
  expect(screen.getByText('From begin to end.')).toBeVisible();
});

it('VS-1 VS-3 says so when none has begun', () => {
  renderUi(<SpanCard {...props} spans={[span('late', null, null)]} />);
  expect(screen.getByText('None yet.')).toBeVisible();
});

it('names the parts under the bars, each once', async () => {
  renderUi(<SpanCard {...props} spans={SPANS} />);
  const legend = await screen.findByRole('list', { name: 'Phases' });
  expect(
    within(legend)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual(['reading', 'applying']);
});

describe('the shape of a bar', () => {
  const bar = { x: 100, y: 0, width: 120, height: 14 };
  const drawn = (parts: readonly (DrawnPart & { share: number })[]) => {
    const { container } = render(
      <svg>
        <SpanShape {...bar} payload={{ fill: 'blue', seconds: [0, 12], parts }} />
      </svg>,
    );
    return [...container.querySelectorAll('rect')].map((rect) =>
      ['x', 'width', 'height'].map((name) => Number(rect.getAttribute(name))),
    );
  };

  it('is a line with a bar for each part', () => {
    const parts = [
      { word: 'reading', beganS: 0, endedS: 2, share: 0.5 },
      { word: 'applying', beganS: 9, endedS: 12, share: 1 },
    ];
    expect(drawn(parts)).toEqual([
      [100, 120, 2],
      [100, 20, 7],
      [190, 30, 14],
    ]);
  });

  it('is whole when its parts are not known', () => {
    expect(drawn([])).toEqual([[100, 120, 14]]);
  });
});
