import { SimpleGrid } from '@mantine/core';
import { ChartCard, type ChartCardProps, formatCount, hasEnded } from '@astro/web-ui';
import { useRunSeries } from '../../features/runs/run-query.js';
import { type Run, type RunSeries } from '../../generated/index.js';
import { problemOrNull } from '../../shared/api-error.js';

const GAP = 'a gap means that the run was paused or that nobody reported.';

/** How fast the run goes or went, and in which phase; of errors only when there were any. */
export function RunCharts({ run }: { readonly run: Run }) {
  const { data, error, refetch } = useRunSeries(run);
  const hasErrors = run.progress.errors > 0;
  const common = {
    xKind: 'time',
    problem: problemOrNull(error),
    onRetry: () => void refetch(),
    emptyText: hasEnded(run.state) ? 'How fast this run went was not recorded.' : 'Nothing was recorded yet.',
    format: rateWords,
    bandHeader: 'Phase',
  } as const satisfies Partial<ChartCardProps>;
  return (
    <SimpleGrid cols={{ base: 1, lg: hasErrors ? 2 : 1 }}>
      <ChartCard
        {...common}
        title="Rows per second"
        desc={`Rows of all data sets of the run that were ${doneWord(run)} per second; ${GAP}`}
        unit="rows/s"
        series={[{ key: 'rowsPerSecond', label: doneWord(run), kind: 'area' }]}
        points={pointsOf(data, 'rowsPerSecond')}
      />
      {hasErrors && (
        <ChartCard
          {...common}
          title="Errors per second"
          desc={`Rows that could not be written, per second; ${GAP}`}
          unit="errors/s"
          series={[{ key: 'errorsPerSecond', label: 'failed', kind: 'area', tone: 'bad' }]}
          points={pointsOf(data, 'errorsPerSecond')}
        />
      )}
    </SimpleGrid>
  );
}

/** A run that compares is done with a row when it has read it. */
function doneWord({ mode }: Run): 'read' | 'applied' {
  return mode === 'verify' || mode === 'repair' ? 'read' : 'applied';
}

/** Nothing at all when nobody reported in the whole time. */
function pointsOf(series: RunSeries | undefined, key: 'rowsPerSecond' | 'errorsPerSecond'): ChartCardProps['points'] {
  if (series?.points.every((point) => point[key] === null)) return [];
  return series?.points.map((point) => ({ x: point.at, values: { [key]: point[key] }, band: point.phase }));
}

/** Of a slow rate two digits that tell something: three errors in an hour are not none. */
function rateWords(perSecond: number): string {
  return perSecond < 10 ? String(Number(perSecond.toPrecision(2))) : formatCount(perSecond);
}
