import { type Eta, type RunProgress } from '@astro/contracts';
import { screen } from '@testing-library/react';
import { renderUi, wrapped } from '../test/render.fixture.js';
import { ProgressBlock } from './ProgressBlock.js';
import {
  figuresOf,
  heartbeatOf,
  type ProgressFigures,
  shownPercent,
  timeLeftWords,
  valueText,
} from './progress-words.js';

const eta = (lowS: number, highS: number): Eta => ({ band: { lowS, highS }, reason: null });
const because = (reason: Eta['reason']): Eta => ({ band: null, reason });
const NOW = 1_000_000;

function figures(more: Partial<ProgressFigures> = {}): ProgressFigures {
  return {
    status: 'running',
    phase: 'applying',
    percent: 37.4,
    rowsRead: 40_000,
    rowsApplied: 31_200,
    rowsTotal: 80_000,
    rateRowsPerS: 5_200,
    eta: eta(240, 360),
    errors: 2,
    retries: 1,
    rawBytes: 12_000_000,
    storedBytes: 4_000_000,
    updatedAtMs: NOW,
    ...more,
  };
}

it.each<[string, Partial<ProgressFigures>, number | null, number | null]>([
  ['the first figure', {}, null, 37.4],
  ['a figure that goes back is held', { percent: 20 }, 37.4, 37.4],
  ['a total that is not known', { percent: null }, null, null],
  ['a total that got lost is held', { percent: null }, 37.4, 37.4],
  ['more than all', { percent: 130 }, null, 99.9],
  ['all, but not verified', { percent: 100, phase: 'verifying', status: 'verifying' }, 99, 99.9],
  ['done', { percent: 99, phase: 'done', status: 'succeeded' }, 99, 100],
  ['cancelled half way', { percent: 40, phase: 'done', status: 'cancelled' }, 40, 40],
  ['no number', { percent: Number.NaN }, 12, 12],
])('PR-2 percent: %s', (_name, more, before, expected) => {
  expect(shownPercent(figures(more), before)).toBe(expected);
});

it('PR-2 over any sequence the percent never goes back, never passes 100, and is 100 only when done', () => {
  let seed = 7;
  const chance = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let round = 0; round < 200; round += 1) {
    let shown: number | null = null;
    for (let step = 0; step < 30; step += 1) {
      const isDone = step === 29 && chance() > 0.5;
      const percent = chance() < 0.1 ? null : chance() * 140 - 20;
      const done = isDone ? { phase: 'done' as const, status: 'succeeded' } : {};
      const next = shownPercent(figures({ percent, ...done }), shown);
      if (shown !== null) expect(next).toBeGreaterThanOrEqual(shown);
      if (next !== null) expect(next === 100).toBe(isDone);
      shown = next;
    }
  }
});

it.each<[string, Partial<ProgressFigures>, string]>([
  ['minutes', { eta: eta(240, 360) }, 'about 4–6 min left'],
  ['seconds', { eta: eta(20, 40) }, 'about 20–40 s left'],
  ['hours', { eta: eta(7_000, 11_000) }, 'about 2–3 h left'],
  ['both ends alike', { eta: eta(119, 121) }, 'about 2 min left'],
  ['from nothing', { eta: eta(0, 120) }, 'less than 2 min left'],
  ['an end below zero', { eta: eta(-9, -1) }, 'finishing…'],
  ['no number', { eta: eta(Number.NaN, Infinity) }, ''],
  ['finishing', { eta: because('finishing') }, 'finishing…'],
  ['too few samples', { eta: because('measuring') }, ''],
  ['stalled', { eta: because('stalled') }, 'no progress just now'],
  ['silent', { updatedAtMs: NOW - 42_000 }, 'no progress for 42 s'],
  ['paused', { status: 'paused', updatedAtMs: NOW - 99_000 }, ''],
  ['ended', { status: 'succeeded', updatedAtMs: NOW - 99_000 }, ''],
])('PR-1 time left in words: %s', (_name, more, expected) => {
  expect(timeLeftWords(figures(more), NOW)).toBe(expected);
});

it.each([
  [0, 'running', 'fresh'],
  [10_000, 'running', 'fresh'],
  [10_001, 'running', 'late'],
  [30_001, 'running', 'silent'],
  [30_001, 'paused', 'fresh'],
])('PR-1 figures %i ms old of a run that is %s are %s', (ageMs, status, expected) => {
  expect(heartbeatOf(figures({ status, updatedAtMs: NOW - ageMs }), NOW)).toBe(expected);
});

it.each<[Partial<ProgressFigures>, number | null, string]>([
  [{}, 37.4, '37 percent, applying orders, about 4 to 6 minutes left'],
  [{ eta: eta(20, 40) }, 37.4, '37 percent, applying orders, about 20 to 40 seconds left'],
  [{ updatedAtMs: NOW - 42_000 }, 37.4, '37 percent, applying orders, no progress for 42 seconds'],
  [{ eta: because('counting') }, null, 'counting, 40 000 rows read, applying orders'],
  [{ status: 'succeeded', phase: 'done' }, 100, '100 percent, succeeded'],
])('PR-3 the value text of the bar: %#', (more, percent, expected) => {
  const text = valueText(figures(more), { percent, what: 'orders', nowMs: NOW });
  expect(text.replaceAll('\u202f', ' ')).toBe(expected);
});

it('PR-3 the bar has its role and words, and is announced at phases and every 10 %, not at every tick', () => {
  const fresh = (more: Partial<ProgressFigures>) =>
    wrapped(<ProgressBlock what="orders" figures={figures({ updatedAtMs: Date.now(), ...more })} />);
  const { rerender } = renderUi(<ProgressBlock what="orders" figures={figures({ updatedAtMs: Date.now() })} />);
  const bar = screen.getByRole('progressbar', { name: 'Progress of orders' });
  expect(bar).toHaveAttribute('aria-valuenow', '37');
  expect(bar).toHaveAttribute('aria-valuetext', '37 percent, applying orders, about 4 to 6 minutes left');
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
  rerender(fresh({ percent: 39 }));
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
  rerender(fresh({ percent: 41 }));
  expect(screen.getByRole('status')).toHaveTextContent('41 percent');
  rerender(fresh({ percent: 44 }));
  expect(screen.getByRole('status')).toHaveTextContent('41 percent');
  rerender(fresh({ percent: 44, phase: 'verifying', status: 'verifying' }));
  expect(screen.getByRole('status')).toHaveTextContent('44 percent, verifying orders');
  rerender(fresh({ percent: 12, phase: 'verifying', status: 'verifying' }));
  expect(bar).toHaveAttribute('aria-valuenow', '44');
});

it('PR-3 without a total it counts instead of showing zero', () => {
  renderUi(
    <ProgressBlock what="orders" figures={figures({ percent: null, rowsTotal: null, eta: because('counting') })} />,
  );
  expect(screen.getByText('counting…')).toBeVisible();
  expect(screen.getByRole('progressbar')).not.toHaveAttribute('aria-valuenow');
  expect(screen.getByText(/total not known yet/)).toBeVisible();
});

it.each([
  ['queued', 'not begun'],
  ['cancelled', 'not counted'],
])('PR-3 a run that is %s and was never counted has an empty bar: %s', (status, words) => {
  renderUi(<ProgressBlock what="orders" figures={figures({ status, percent: null, rowsTotal: null })} />);
  expect(screen.getByText(words)).toBeVisible();
  const bar = screen.getByRole('progressbar');
  expect(bar.getAttribute('style')).toContain('--progress-section-size: 0%');
  expect(bar.getAttribute('aria-valuetext')).toMatch(new RegExp(`^${words}`));
});

it.each([
  ['paused', 'var(--chart-5)'],
  ['cancelled', 'var(--chart-5)'],
  ['succeeded_with_leftovers', 'var(--mantine-color-yellow-filled)'],
])('the bar of a run that is %s is seen on both grounds', (status, color) => {
  renderUi(<ProgressBlock what="orders" figures={figures({ status })} />);
  expect(screen.getByRole('progressbar').getAttribute('style')).toContain(`--progress-section-color: ${color}`);
});

it('PR-1 the age of figures is told by the clock of the server', () => {
  const progress = { updatedAt: '2026-11-22T10:00:00.000Z' } as RunProgress;
  const clock = { asOf: '2026-11-22T10:00:07.000Z', receivedAtMs: NOW };
  expect(figuresOf('running', progress, clock).updatedAtMs).toBe(NOW - 7_000);
  expect(figuresOf('running', { ...progress, updatedAt: null }, clock).updatedAtMs).toBeNull();
});
