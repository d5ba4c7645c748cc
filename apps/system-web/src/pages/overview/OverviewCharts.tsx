import { type Overview, type OutcomeHour } from '@astro/contracts';
import { SimpleGrid } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { ChartCard, type ChartPoint, type ChartSeries } from '@astro/web-ui';
import { hrefOf } from '../../shared/href.js';

const HOUR_S = 3_600;

const OUTCOMES: readonly (ChartSeries & { readonly key: Exclude<keyof OutcomeHour, 'at'> })[] = [
  { key: 'succeeded', label: 'succeeded', kind: 'bar', stack: 'runs', tone: 'good' },
  { key: 'succeededWithLeftovers', label: 'with leftovers', kind: 'bar', stack: 'runs', tone: 'warning' },
  { key: 'failed', label: 'failed', kind: 'bar', stack: 'runs', tone: 'bad' },
  { key: 'stoppedByGuard', label: 'stopped by guard', kind: 'bar', stack: 'runs', tone: 'plain' },
  { key: 'cancelled', label: 'cancelled', kind: 'bar', stack: 'runs', tone: 'quiet' },
];

interface OverviewChartsProps {
  readonly overview: Overview;
  /** A part of the time is to be shown alone; the end is exclusive. */
  readonly onRange: (range: { readonly from: string; readonly to: string }) => void;
}

/** Throughput and how runs ended; a point leads to the list behind it. */
export function OverviewCharts({ overview: { throughput, outcomes }, onRange }: OverviewChartsProps) {
  const navigate = useNavigate();
  const open = (hrefIn: (from: string, to: string) => string, seconds: number) => {
    return ({ x }: ChartPoint): void => {
      void navigate({ href: hrefIn(x, after(x, seconds)) });
    };
  };
  const show = (seconds: number) => (from: string, last: string) => onRange({ from, to: after(last, seconds) });
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <ChartCard
        title="Throughput"
        desc="Changes that were captured from the sources, and changes that were applied to the targets, per second; a gap means that nobody reported."
        unit="changes/s"
        xKind="time"
        series={[
          { key: 'captured', label: 'captured', kind: 'line' },
          { key: 'applied', label: 'applied', kind: 'line' },
        ]}
        points={throughputPoints(throughput)}
        emptyText="No worker reported in this range."
        onPoint={open((from, to) => hrefOf('/changes', { from, to }), throughput.bucketSeconds)}
        onRange={show(throughput.bucketSeconds)}
        format={(value) => String(Number(value.toFixed(1)))}
      />
      <ChartCard
        title={outcomesTitle(outcomes)}
        desc="Runs per hour by how they ended."
        unit="runs"
        xKind="time"
        series={OUTCOMES}
        points={outcomePoints(outcomes)}
        emptyText="No run ended in this range."
        onPoint={open((endedFrom, endedTo) => hrefOf('/runs', { endedFrom, endedTo }), HOUR_S)}
        onRange={show(HOUR_S)}
      />
    </SimpleGrid>
  );
}

/** The end of a bucket. */
function after(at: string, seconds: number): string {
  return new Date(Date.parse(at) + seconds * 1_000).toISOString();
}

function throughputPoints({ points }: Overview['throughput']): ChartPoint[] {
  const isSilent = points.every((point) => point.capturedPerSecond === null && point.appliedPerSecond === null);
  if (isSilent) return [];
  return points.map(({ at, capturedPerSecond, appliedPerSecond }) => ({
    x: at,
    values: { captured: capturedPerSecond, applied: appliedPerSecond },
  }));
}

function outcomePoints(hours: readonly OutcomeHour[]): ChartPoint[] {
  const isEmpty = hours.every((hour) => OUTCOMES.every(({ key }) => hour[key] === 0));
  return isEmpty ? [] : hours.map(({ at, ...values }) => ({ x: at, values }));
}

/** The finding: how many did not end well. */
export function outcomesTitle(hours: readonly OutcomeHour[]): string {
  const bad = hours.reduce((sum, { failed, stoppedByGuard }) => sum + failed + stoppedByGuard, 0);
  if (bad === 0) return 'How runs ended';
  return `How runs ended: ${bad} failed or ${bad === 1 ? 'was' : 'were'} stopped`;
}
