import type { RunPhase } from '@astro/contracts';
import { joinedSpans, phasesOf, type PhaseSpan } from './phase-bands.js';

const span = (phase: RunPhase, fromMs: number, toMs: number, dataSet = 'orders'): PhaseSpan => ({
  ...{ dataSet, phase, fromMs, toMs },
});
const grid = (count: number) => ({ fromMs: 1_000, bucketMs: 1_000, count });

describe('the phase of each part of the time', () => {
  it.each<[string, readonly PhaseSpan[], (RunPhase | null)[]]>([
    ['nothing', [], [null, null, null]],
    ['one phase and a rest', [span('applying', 1_000, 2_000)], ['applying', null, null]],
    ['two in one part: the longer', [span('comparing', 1_000, 1_400), span('applying', 1_400, 2_900)], ['applying', 'applying', null]], // prettier-ignore
    ['a rest inside', [span('applying', 1_100, 1_200), span('applying', 3_500, 4_000)], ['applying', null, 'applying']],
    ['two data sets: the slowest', [span('verifying', 1_000, 4_000), span('reading', 2_000, 3_000, 'launches')], ['verifying', 'reading', 'verifying']], // prettier-ignore
    ['two in one phase', [span('reading', 1_000, 3_000), span('reading', 2_000, 4_000, 'launches')], ['reading', 'reading', 'reading']], // prettier-ignore
    ['what is outside', [span('reading', 0, 900), span('verifying', 3_900, 9_000)], [null, null, 'verifying']],
    ['what took no time', [span('reading', 1_500, 1_500)], [null, null, null]],
  ])('of %s', (_name, spans, phases) => {
    expect(phasesOf(spans, grid(3))).toEqual(phases);
  });
});

it('spans are one where the rest between them is too short to be seen', () => {
  const spans = [
    span('reading', 0, 1_000),
    span('reading', 1_999, 3_000),
    span('reading', 4_000, 5_000),
    span('applying', 5_000, 6_000),
    span('applying', 6_000, 7_000, 'launches'),
  ];
  expect(joinedSpans(spans, 1_000)).toEqual([
    span('reading', 0, 3_000),
    span('reading', 4_000, 5_000),
    span('applying', 5_000, 6_000),
    span('applying', 6_000, 7_000, 'launches'),
  ]);
});
