import { createEvent, fireEvent, screen } from '@testing-library/react';
import { renderUi } from '../test/render.fixture.js';
import { Duration } from './Duration.js';
import {
  formatAbsolute,
  formatAge,
  formatDuration,
  formatInstant,
  formatRelative,
  formatTooltip,
  type TimeSettings,
} from './format-time.js';
import { TextWithTimes } from './TextWithTimes.js';
import { TimeText } from './TimeText.js';

const at = (iso: string): number => Date.parse(iso);
const settings = (zone: string, display: TimeSettings['display'] = 'zone', hours: 12 | 24 = 24): TimeSettings => ({
  zone,
  display,
  hours,
});

it.each([
  ['Europe/Madrid', '2026-11-22T13:02:11Z', '2026-11-22 14:02:11 CET'],
  ['Europe/Madrid', '2026-07-01T13:02:11Z', '2026-07-01 15:02:11 CEST'],
  // The clock goes forward: 02:00 to 02:59 do not exist on that day.
  ['Europe/Madrid', '2026-03-29T00:59:59Z', '2026-03-29 01:59:59 CET'],
  ['Europe/Madrid', '2026-03-29T01:00:00Z', '2026-03-29 03:00:00 CEST'],
  // The clock goes back: 02:30 is twice, and the zone tells them apart.
  ['Europe/Madrid', '2026-10-25T00:30:00Z', '2026-10-25 02:30:00 CEST'],
  ['Europe/Madrid', '2026-10-25T01:30:00Z', '2026-10-25 02:30:00 CET'],
  ['America/New_York', '2026-11-22T03:00:00Z', '2026-11-21 22:00:00 GMT-5'],
  ['Asia/Kolkata', '2026-11-22T18:30:00Z', '2026-11-23 00:00:00 GMT+5:30'],
  ['UTC', '2026-11-22T00:00:00Z', '2026-11-22 00:00:00 UTC'],
])('TM-1 %s shows %s as %s', (zone, iso, expected) => {
  expect(formatAbsolute(at(iso), { zone, hours: 24 })).toBe(expected);
});

it.each([
  ['2026-11-22T00:05:00Z', '2026-11-22 12:05:00 AM UTC'],
  ['2026-11-22T12:05:00Z', '2026-11-22 12:05:00 PM UTC'],
])('TM-1 with 12 hours %s is %s', (iso, expected) => {
  expect(formatAbsolute(at(iso), { zone: 'UTC', hours: 12 })).toBe(expected);
});

it.each([
  ['relative', 60_000, '1 min ago'],
  ['relative', 26 * 3_600_000, '2026-11-21 13:02:11 CET'],
  ['zone', 60_000, '2026-11-22 15:01:11 CET'],
  ['utc', 60_000, '2026-11-22 14:01:11 UTC'],
] as const)('TM-1 the switch on %s shows %i ms ago as %s', (display, agoMs, expected) => {
  const nowMs = at('2026-11-22T14:02:11Z');
  expect(formatInstant(nowMs - agoMs, settings('Europe/Madrid', display), nowMs)).toBe(expected);
});

it.each([
  [0, 'now'],
  [999, 'now'],
  [2_000, '2 s ago'],
  [-180_000, 'in 3 min'],
])('TM-1 %i ms ago is "%s"', (agoMs, expected) => {
  expect(formatRelative(1_000_000_000 - agoMs, 1_000_000_000)).toBe(expected);
});

it.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('TM-1 an age of %i ms is "%s"', (ageMs, expected) => {
  expect(formatAge(ageMs)).toBe(expected);
});

it.each([
  [-1, '0 ms'],
  [420, '420 ms'],
  [1_000, '1 s'],
  [247_000, '4 min 07 s'],
  [3_852_000, '1 h 04 min 12 s'],
])('TM-1 a length of %i ms is "%s"', (lengthMs, expected) => {
  expect(formatDuration(lengthMs)).toBe(expected);
});

it('TM-2 the tooltip holds the zone of the person and UTC, the element the instant', () => {
  renderUi(<TimeText at="2026-11-20T13:02:11Z" absolute />);
  const time = screen.getByText('2026-11-20 14:02:11 CET');
  expect(time).toHaveAttribute('datetime', '2026-11-20T13:02:11.000Z');
  expect(time).toHaveAttribute('title', '2026-11-20 14:02:11 CET\n2026-11-20 13:02:11 UTC');
  expect(formatTooltip(at('2026-11-20T13:02:11Z'), settings('UTC'))).toBe('2026-11-20 13:02:11 UTC');
});

it('TM-2 a copy of the time alone is ISO 8601 in UTC', () => {
  renderUi(<TimeText at="2026-11-20T13:02:11Z" absolute />);
  const time = screen.getByText('2026-11-20 14:02:11 CET');
  window.getSelection()?.selectAllChildren(time);
  const setData = jest.fn();
  fireEvent(time, createEvent.copy(time, { clipboardData: { setData } }));
  expect(setData).toHaveBeenCalledWith('text/plain', '2026-11-20T13:02:11.000Z');
});

it.each([[null], [undefined], ['no time']])('TM-2 %s is a word, not a date', (value) => {
  renderUi(<TimeText at={value} none="never" />);
  expect(screen.getByText('never')).toBeVisible();
});

it('TM-2 a length carries its value for programs', () => {
  renderUi(<Duration ms={3_852_000} />);
  expect(screen.getByText('1 h 04 min 12 s')).toHaveAttribute('datetime', 'PT3852.000S');
});

it('TM-2 the instants in a sentence of the server are shown as the person sees times', () => {
  const text = 'Last changed at 2026-11-22T13:02:11.851Z, applied at 2026-11-22T13:02:12Z.';
  const { container } = renderUi(<TextWithTimes text={text} />);
  expect(container).toHaveTextContent('Last changed at 2026-11-22 14:02:11 CET, applied at 2026-11-22 14:02:12 CET.');
  expect(container.querySelectorAll('time')).toHaveLength(2);
});
