import {
  type Preview,
  type PreviewItem,
  type Run,
  type RunError,
  type RunErrorGroup,
  type RunErrorPage,
  type RunItem,
  type RunPage,
  type RunProgress,
  type RunSeries,
  type RunSummary,
} from '../../generated/index.js';

const OK = { ok: true } as const;

/** What the server says to a person who may do everything. */
export const ALL_ALLOWED = { pause: OK, resume: OK, cancel: OK, retry: OK };

/** Figures of something at 37 %. */
export function progress(more: Partial<RunProgress> = {}): RunProgress {
  return {
    phase: 'applying',
    rowsRead: 40_000,
    rowsApplied: 30_000,
    rowsTotal: 80_000,
    percent: 37.5,
    rateRowsPerS: 1_200,
    eta: { band: { lowS: 240, highS: 360 }, reason: null },
    inserted: 29_000,
    changed: 900,
    removed: 100,
    same: 0,
    different: 0,
    errors: 0,
    retries: 0,
    rawBytes: 4_000_000,
    storedBytes: 1_000_000,
    updatedAt: new Date().toISOString(),
    ...more,
  };
}

/** A run as it stands in a list. */
export function summary(more: Partial<RunSummary> = {}): RunSummary {
  const now = new Date().toISOString();
  return {
    id: '7',
    mode: 'full',
    dataSets: ['orders'],
    options: {},
    state: 'running',
    stateReason: null,
    initiator: { kind: 'user', id: '7', name: 'ana@astro.example' },
    previewId: null,
    queuedBehind: null,
    retryOf: null,
    rateLimitRowsPerS: null,
    createdAt: now,
    startedAt: now,
    finishedAt: null,
    version: 1,
    progress: progress(),
    allowed: ALL_ALLOWED,
    ...more,
  };
}

/** One data set of a run. */
export function runItem(more: Partial<RunItem> = {}): RunItem {
  return {
    id: '70',
    dataSet: 'orders',
    state: 'running',
    progress: progress(),
    startedAt: new Date().toISOString(),
    finishedAt: null,
    message: null,
    worker: 'worker-1',
    ...more,
  };
}

/** A run as its own page gets it. */
export function aRun(more: Partial<Run> = {}): Run {
  return { ...summary(), items: [runItem()], asOf: new Date().toISOString(), ...more };
}

/** One page of runs. */
export function runPage(items: readonly RunSummary[], nextCursor: string | null = null): RunPage {
  return { items: [...items], nextCursor, asOf: new Date().toISOString() };
}

/** A row that could not be written. */
export function runError(more: Partial<RunError> = {}): RunError {
  return {
    id: '1',
    dataSet: 'orders',
    kind: 'failed',
    entityType: 'public.orders',
    entityId: '4711',
    field: 'price',
    code: '22003',
    message: 'The price is out of range.',
    advice: 'Correct the price at the source, then retry.',
    occurredAt: new Date().toISOString(),
    ...more,
  };
}

/** Errors with their one cause. */
export function errorPage(items: readonly RunError[], more: Partial<RunErrorPage> = {}): RunErrorPage {
  const [first] = items;
  const at = new Date().toISOString();
  const groups: RunErrorGroup[] = first ? [{ ...first, count: items.length, firstAt: at, lastAt: at }] : [];
  return { items: [...items], nextCursor: null, asOf: at, groups, total: items.length, ...more };
}

/** What a plan says about one data set. */
export function previewItem(more: Partial<PreviewItem> = {}): PreviewItem {
  return {
    dataSet: 'orders',
    state: 'ready',
    message: null,
    rows: 1_000,
    inserts: 10,
    changes: 20,
    removals: 5,
    same: 970,
    targetRows: 995,
    duration: { lowS: 240, highS: 360 },
    ...more,
  };
}

/** A plan whose figures are complete. */
export function aPreview(more: Partial<Preview> = {}): Preview {
  const now = new Date().toISOString();
  return {
    id: '90',
    mode: 'full',
    dataSets: ['orders'],
    options: {},
    state: 'planned',
    initiator: { kind: 'user', id: '7', name: 'ana@astro.example' },
    createdAt: now,
    readyAt: now,
    expiresAt: new Date(Date.now() + 600_000).toISOString(),
    ageS: 0,
    items: [previewItem()],
    duration: { lowS: 240, highS: 360 },
    conflicts: [],
    confirmation: null,
    confirmationReason: null,
    usedBy: null,
    asOf: now,
    ...more,
  };
}

/** Three seconds of a run that was paused in the second one. */
export function aSeries(more: Partial<RunSeries> = {}): RunSeries {
  return {
    from: '2026-11-22T10:00:00.400Z',
    to: '2026-11-22T10:00:03.000Z',
    bucketSeconds: 1,
    points: [
      { at: '2026-11-22T10:00:00.000Z', rowsPerSecond: 12_400.4, errorsPerSecond: 0.00333, phase: 'reading' },
      { at: '2026-11-22T10:00:01.000Z', rowsPerSecond: null, errorsPerSecond: null, phase: null },
      { at: '2026-11-22T10:00:02.000Z', rowsPerSecond: 8.333, errorsPerSecond: 0, phase: 'applying' },
    ],
    spans: [
      { dataSet: 'orders', phase: 'reading', from: '2026-11-22T10:00:00.400Z', to: '2026-11-22T10:00:00.900Z' },
      { dataSet: 'orders', phase: 'applying', from: '2026-11-22T10:00:02.000Z', to: '2026-11-22T10:00:03.000Z' },
    ],
    ...more,
  };
}
