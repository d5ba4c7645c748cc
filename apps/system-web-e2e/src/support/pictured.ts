import { type Page } from '@playwright/test';
import { type Overview, type Run, type RunProgress, type RunSeries } from '@astro/contracts';

/** One moment of a product at work, the same on every machine: what a picture of a page is made of. */

const AT = '2026-11-22T10:00:00.000Z';
const BEGAN = '2026-11-22T09:50:00.000Z';
const DAY_BEGAN = '2026-11-22T04:00:00.000Z';
const NO = { ok: false, reason: 'It is so already.' } as const;

const PROGRESS: RunProgress = {
  ...{ phase: 'applying', rowsRead: 40_000, rowsApplied: 30_000, rowsTotal: 80_000, percent: 37.5 },
  ...{ rateRowsPerS: 1_200, eta: { band: { lowS: 240, highS: 360 }, reason: null } },
  ...{ inserted: 29_000, changed: 900, removed: 100, same: 0, different: 0, errors: 0, retries: 0 },
  ...{ rawBytes: 4_000_000, storedBytes: 1_000_000, updatedAt: AT },
};

const RUN: Run = {
  ...{ id: '12', mode: 'full', dataSets: ['bookings', 'launches'], options: {}, state: 'running', stateReason: null },
  initiator: { kind: 'user', id: '7', name: 'ana' },
  ...{ previewId: null, queuedBehind: null, retryOf: null, rateLimitRowsPerS: null },
  ...{ createdAt: BEGAN, startedAt: BEGAN, finishedAt: null, version: 1, progress: PROGRESS },
  allowed: { pause: { ok: true }, resume: NO, cancel: { ok: true }, retry: NO },
  items: ['bookings', 'launches'].map((dataSet, index) => ({
    ...{ id: String(index), dataSet, state: 'running', progress: PROGRESS, startedAt: BEGAN, finishedAt: null },
    ...{ message: null, worker: 'worker-1' },
  })),
  asOf: AT,
};

const SERIES: RunSeries = {
  ...{ from: BEGAN, to: AT, bucketSeconds: 120 },
  points: [52, 54, 56, 58].map((minute) => ({
    ...{ at: `2026-11-22T09:${minute}:00.000Z`, rowsPerSecond: minute * 20, errorsPerSecond: 0 },
    phase: minute < 55 ? 'reading' : 'applying',
  })),
  spans: RUN.dataSets.flatMap((dataSet) => [
    { dataSet, phase: 'reading', from: BEGAN, to: '2026-11-22T09:55:00.000Z' },
    { dataSet, phase: 'applying', from: '2026-11-22T09:56:00.000Z', to: AT },
  ]),
};

const OVERVIEW: Overview = {
  verdict: { tone: 'bad', parts: [{ text: 'orders does not move', link: '/data-sets/bookings' }] },
  needsAttention: [
    {
      ...{ id: '1', severity: 'critical', kind: 'data_set', title: 'bookings stalled', detail: 'No progress.' },
      ...{ link: '/data-sets/bookings', count: 1, since: BEGAN },
    },
  ],
  running: [],
  throughput: {
    ...{ from: DAY_BEGAN, to: AT, bucketSeconds: 3_600 },
    points: [5, 6, 7, 8, 9].map((hour) => ({
      ...{ at: `2026-11-22T0${hour}:00:00.000Z`, capturedPerSecond: hour * 10, appliedPerSecond: hour * 9 },
    })),
  },
  outcomes: [
    {
      ...{ at: '2026-11-22T09:00:00.000Z', succeeded: 2, succeededWithLeftovers: 1, failed: 1 },
      ...{ cancelled: 0, stoppedByGuard: 0 },
    },
  ],
  freshness: [
    { dataSet: 'bookings', status: 'stalled', lagSeconds: 600, lagTargetSeconds: 10 },
    { dataSet: 'launches', status: 'fresh', lagSeconds: 0.4, lagTargetSeconds: 10 },
  ],
  unattributed: { changes: 0, exact: true, since: DAY_BEGAN },
  topOrigins: [
    {
      ...{ service: 'BookingAPI', user: 'ana', unattributed: false },
      ...{ transactions: 2, changes: 12, lastAt: BEGAN },
    },
  ],
  originsSince: DAY_BEGAN,
  asOf: AT,
};

/** Answers this moment, and keeps the clock of the page at it. */
export async function showOneMoment(page: Page): Promise<void> {
  await page.clock.setFixedTime(AT);
  await page.route('**/api/v1/overview*', (route) => route.fulfill({ json: OVERVIEW }));
  await page.route('**/api/v1/runs?*', (route) =>
    route.fulfill({ json: { items: [RUN], nextCursor: null, asOf: AT } }),
  );
  await page.route(`**/api/v1/runs/${RUN.id}`, (route) => route.fulfill({ json: RUN }));
  await page.route(`**/api/v1/runs/${RUN.id}/series`, (route) => route.fulfill({ json: SERIES }));
}
