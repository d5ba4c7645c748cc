import { type DataSetStatus } from '@astro/contracts';
import { standingOf } from './data-set-status.js';

type Facts = Parameters<typeof standingOf>[0];

const now = new Date('2026-11-22T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const healthy: Facts = {
  job_type: 'realtime',
  state: 'streaming',
  reason: null,
  state_since: ago(1000),
  position_lsn: '0/A',
  position_seq: 1,
  applied_at: ago(2),
  captured_lsn: '0/A',
  safe_lsn: '0/A',
  reported_at: ago(3),
  capture_healthy: true,
  capture_detail: 'Moving.',
  capture_at: ago(3),
  pending_at: null,
  set_aside: 0,
  paused_at: null,
  paused_by: null,
  paused_reason: null,
  due_at: null,
  now,
};
const first: Partial<Facts> = { state: 'copying', reason: 'first load' };

it.each<[string, Partial<Facts>, DataSetStatus, number | null]>([
  ['all is applied', {}, 'fresh', 0],
  ['a little behind', { pending_at: ago(4) }, 'fresh', 4],
  ['more behind than its target', { pending_at: ago(20) }, 'late', 20],
  ['work waits and moves', { pending_at: ago(300), applied_at: ago(1) }, 'late', 300],
  ['work waits and does not move', { pending_at: ago(300), applied_at: ago(200) }, 'stalled', 300],
  ['work waits and nothing was ever applied', { pending_at: ago(300), applied_at: null }, 'stalled', 300],
  ['no worker ever reported', { reported_at: null }, 'unknown', null],
  ['the worker fell silent', { reported_at: ago(31) }, 'unknown', null],
  ['capture fell silent', { capture_at: ago(31) }, 'unknown', null],
  ['capture says it does not move', { capture_healthy: false }, 'unknown', null],
  ['silent and behind', { reported_at: ago(60), pending_at: ago(60) }, 'unknown', null],
  ['completeness was lost', { state: 'needs_resync', reason: 'slot lost' }, 'needs_resync', null],
  ['completeness was lost, and nobody reports', { state: 'needs_resync', reported_at: null }, 'needs_resync', null],
  ['the first copy runs', first, 'never_synced', null],
  ['the first copy has not begun', { ...first, position_lsn: null }, 'never_synced', null],
  ['it is copied again', { state: 'copying', reason: 'asked for' }, 'fresh', 0],
  ['its schedule is paused', { job_type: 'batch', paused_at: ago(99), paused_by: 'ana' }, 'paused', 0],
  ['it waits for its schedule', { job_type: 'batch', pending_at: ago(200), due_at: ago(-60) }, 'fresh', 200],
  ['its schedule was not kept', { job_type: 'batch', due_at: ago(90) }, 'late', 0],
  ['clocks differ a little', { pending_at: ago(-2) }, 'fresh', 0],
])('%s', (_name, given, status, lagS) => {
  const standing = standingOf({ ...healthy, ...given });
  expect([standing.status, standing.lagS]).toEqual([status, lagS]);
  expect(standing.reason).toMatch(/\.$/);
});

it('ends a reason that is a sentence of its own with one full stop', () => {
  const reason = 'Its table is gone. Make it again.';
  expect(standingOf({ ...healthy, state: 'needs_resync', reason }).reason).toBe(`Needs a new copy: ${reason}`);
});

it.each([
  [0, 'Everything captured is applied.'],
  [1, 'Everything captured is applied but one key that was set aside.'],
  [12, 'Everything captured is applied but 12 keys that were set aside.'],
])('says of %s keys that were set aside what is true', (count, reason) => {
  expect(standingOf({ ...healthy, set_aside: count }).reason).toBe(reason);
});
