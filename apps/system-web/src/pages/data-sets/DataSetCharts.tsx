import { type DataSetDetail } from '@astro/contracts';
import { SimpleGrid } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { ChartCard, type ChartPoint } from '@astro/web-ui';
import { hrefOf } from '../../shared/href.js';
import { secondsWords } from './words.js';

const route = getRouteApi('/data-sets/$name');
const NOTHING = 'No worker reported in this range.';

/** Lag and throughput over the range; a point leads to the changes of its time. */
export function DataSetCharts({ dataSet }: { readonly dataSet: DataSetDetail }) {
  const { name, series, lagTargetSeconds, status } = dataSet;
  const navigate = route.useNavigate();
  const openChanges = ({ x }: ChartPoint): void => {
    const to = new Date(Date.parse(x) + series.bucketSeconds * 1_000).toISOString();
    void navigate({ href: hrefOf('/changes', { dataSet: name, from: x, to }) });
  };
  const points = (key: 'lagSeconds' | 'appliedPerSecond') => pointsOf(series.points, key);
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <ChartCard
        title={status === 'late' || status === 'stalled' ? 'Lag is above its target' : 'Lag'}
        desc={`The greatest lag of ${name} in each stretch of time; a gap means that nobody reported.`}
        unit="s"
        xKind="time"
        series={[{ key: 'lagSeconds', label: 'lag', kind: 'line' }]}
        points={points('lagSeconds')}
        {...(lagTargetSeconds !== null && {
          target: { value: lagTargetSeconds, label: `target ${secondsWords(lagTargetSeconds)}` },
        })}
        emptyText={NOTHING}
        onPoint={openChanges}
        format={oneDigit}
      />
      <ChartCard
        title="Throughput"
        desc={`Changes of ${name} that were applied per second; a gap means that nobody reported.`}
        unit="changes/s"
        xKind="time"
        series={[{ key: 'appliedPerSecond', label: 'applied', kind: 'area' }]}
        points={points('appliedPerSecond')}
        emptyText={NOTHING}
        onPoint={openChanges}
        format={oneDigit}
      />
    </SimpleGrid>
  );
}

/** Nothing at all when nobody reported in the whole range. */
function pointsOf(points: DataSetDetail['series']['points'], key: 'lagSeconds' | 'appliedPerSecond'): ChartPoint[] {
  if (points.every((point) => point[key] === null)) return [];
  return points.map((point) => ({ x: point.at, values: { [key]: point[key] } }));
}

const oneDigit = (value: number): string => String(Number(value.toFixed(1)));
