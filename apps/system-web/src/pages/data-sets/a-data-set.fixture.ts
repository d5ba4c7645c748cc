import { type DataSet, type DataSetDetail } from '@astro/contracts';

/** A live data set that goes to CacheDB and is fresh, as the API tells about it. */
export function aDataSet(more: Partial<DataSet> = {}): DataSet {
  const yes = { ok: true };
  return {
    name: 'launches',
    kind: 'flat',
    mode: 'live',
    schedule: null,
    source: 'operations',
    target: 'cache',
    tables: [{ table: 'public.launches', keyColumns: ['id'], role: 'rows', target: null }],
    status: 'fresh',
    statusReason: 'Everything that was captured is applied.',
    statusSince: '2026-11-22T09:00:00.000Z',
    copying: false,
    lagRows: { rows: 0, exact: true },
    lagSeconds: 0,
    lagTargetSeconds: 5,
    position: { commitLsn: '16/B374D848', seq: 2, at: '2026-11-22T09:59:59.000Z' },
    captured: { commitLsn: '16/B374D848', safeLsn: '16/B374D900', at: '2026-11-22T09:59:59.000Z' },
    lastRun: {
      id: '12',
      mode: 'full',
      state: 'succeeded',
      startedBy: 'Ana',
      createdAt: '2026-11-22T08:00:00.000Z',
      startedAt: '2026-11-22T08:00:01.000Z',
      finishedAt: '2026-11-22T08:01:05.000Z',
    },
    rows: { rows: 12_400, exact: false },
    setAsideKeys: 0,
    lagSparkline: [],
    allowed: { sync: yes, verify: yes, repair: yes },
    reportedAt: '2026-11-22T09:59:59.000Z',
    ...more,
  };
}

/** The same with all that its page shows. */
export function aDataSetDetail(more: Partial<DataSetDetail> = {}): DataSetDetail {
  const dataSet = aDataSet(more);
  return {
    ...dataSet,
    series: {
      from: '2026-11-22T04:00:00.000Z',
      to: '2026-11-22T10:00:00.000Z',
      bucketSeconds: 300,
      points: [
        { at: '2026-11-22T09:50:00.000Z', lagSeconds: 0.4, appliedPerSecond: 120 },
        { at: '2026-11-22T09:55:00.000Z', lagSeconds: null, appliedPerSecond: null },
      ],
    },
    hops: {
      source: { rows: dataSet.rows, capturedAt: '2026-11-22T09:59:58.000Z' },
      queue: { pending: { rows: 14, exact: true }, oldestAt: '2026-11-22T09:59:57.000Z' },
      target: { rows: dataSet.rows, appliedAt: '2026-11-22T09:59:59.000Z', setAsideKeys: dataSet.setAsideKeys },
    },
    setAside: [],
    lastRuns: dataSet.lastRun ? [dataSet.lastRun] : [],
    asOf: '2026-11-22T10:00:00.000Z',
    ...more,
  };
}
