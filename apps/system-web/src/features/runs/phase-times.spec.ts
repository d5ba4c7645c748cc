import { type RunPhaseSpan } from '../../generated/index.js';
import { phaseTimes } from './phase-times.js';

const span = (phase: RunPhaseSpan['phase'], from: number, to: number): RunPhaseSpan => ({
  dataSet: 'orders',
  phase,
  from: new Date(from * 1000).toISOString(),
  to: new Date(to * 1000).toISOString(),
});

it('counts time in which several data sets are in one phase once, and rests not at all', () => {
  const spans = [
    ...[span('applying', 20, 30), span('reading', 5, 7), span('applying', 10, 15)],
    ...[span('applying', 25, 28), span('applying', 29, 31), span('reading', 0, 6)],
  ];
  expect(phaseTimes(spans)).toEqual([
    { phase: 'reading', from: '1970-01-01T00:00:00.000Z', workedMs: 7_000 },
    { phase: 'applying', from: '1970-01-01T00:00:10.000Z', workedMs: 16_000 },
  ]);
  expect(phaseTimes([])).toEqual([]);
});
