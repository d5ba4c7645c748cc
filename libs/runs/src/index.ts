export { RUNS_CHANNEL } from './channel.js';
export type { ChunkResult, ClaimedChunk, KeyRange, NewChunk } from './chunks.js';
export type { ClaimedItem } from './claim.js';
export { readDataSets, registerDataSets, type DataSetDescription, type ScopeTable } from './data-sets.js';
export { KEPT_ERRORS, type ErrorCount, type NewRunError } from './error-rows.js';
export { countErrors, listErrorGroups, listErrors, type ErrorFilter } from './error-views.js';
export type { GuardSettings, RunLimits } from './guard.js';
export {
  PREVIEW_LIFE_S,
  largestRemoval,
  limitsOf,
  readPreview,
  totalDuration,
  type StoredPreview,
} from './previews.js';
export { tidyRuns, type Tidied } from './retention.js';
export { retryRun, type Retried } from './retry.js';
export type { ItemCounters, ItemScope, ProgressCounters } from './rows.js';
export {
  changeRate,
  createRun,
  runsInTheWay,
  steerRun,
  type Created,
  type NewRun,
  type RunInTheWay,
  type SteeringVerb,
} from './run-desk.js';
export { readRunLog } from './run-log.js';
export { readRunSeries } from './run-series.js';
export { isEnded } from './run-state.js';
export {
  LEASE_S,
  RunStore,
  type Control,
  type ItemEnd,
  type ItemOutcome,
  type PreviewFigures,
  type ProgressUpdate,
  type Wanted,
} from './run-store.js';
export { listRuns, readRun, type Allowed, type RunDetail } from './run-views.js';
export { nextTimes, type ScheduleRule } from './schedule-times.js';
export {
  fireDue,
  pauseSchedule,
  readSchedules,
  registerSchedules,
  type DeclaredSchedule,
  type Firing,
  type StoredSchedule,
} from './schedules.js';
