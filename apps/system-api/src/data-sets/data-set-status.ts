import { type DataSetStatus } from '@astro/contracts';
import { asSentence } from '../shared/as-sentence.js';
import { type DataSetFacts } from './data-set-facts.js';

/** Who has not reported for longer says nothing about now. */
const SILENT_MS = 30_000;
/** A live data set that is further behind is late. */
export const LAG_TARGET_S = 10;
/** Work that waits so long while nothing is applied does not move. */
const STALLED_MS = 30_000;
/** A schedule whose time has passed by so much was not kept. */
const OVERDUE_MS = 60_000;

export interface Standing {
  readonly status: DataSetStatus;
  /** One sentence for people. */
  readonly reason: string;
  /** Null when it is not known how far it is behind. */
  readonly lagS: number | null;
}

type Facts = Omit<DataSetFacts, 'definition' | 'last_run' | 'lane_id' | 'name' | 'target'>;

/** What can be said about a data set, and no more than that: without a fresh word from the workers nothing is claimed. */
export function standingOf(facts: Facts): Standing {
  return notMoving(facts) ?? unknown(facts) ?? resting(facts) ?? moving(facts);
}

/** Stored facts that stay true whether a worker runs or not. */
function notMoving({ state, reason }: Facts): Standing | null {
  if (state !== 'needs_resync') return null;
  return {
    status: 'needs_resync',
    reason: asSentence(`Needs a new copy: ${reason ?? 'no reason was given'}`),
    lagS: null,
  };
}

function unknown(facts: Facts): Standing | null {
  const silence = (reason: string): Standing => ({ status: 'unknown', reason, lagS: null });
  if (!facts.reported_at) return silence('No worker has reported about it yet.');
  if (isOld(facts.reported_at, facts.now)) {
    return silence(`No worker has reported about it since ${facts.reported_at.toISOString()}.`);
  }
  if (!facts.capture_at || isOld(facts.capture_at, facts.now)) {
    return silence('Nobody has reported whether changes of OperationsDB reach the ledger.');
  }
  if (facts.capture_healthy === false) {
    return silence(`Changes of OperationsDB may not reach the ledger: ${facts.capture_detail ?? ''}`);
  }
  return null;
}

function resting(facts: Facts): Standing | null {
  const { paused_at: pausedAt, paused_by: by, paused_reason: why, state, position_lsn: position, reason } = facts;
  if (pausedAt) {
    const text = `Paused by ${by ?? 'somebody'} since ${pausedAt.toISOString()}${why ? `: ${why}` : ''}.`;
    return { status: 'paused', reason: text, lagS: lagOf(facts) };
  }
  if (state === 'copying' && (position === null || reason === null || reason === 'first load')) {
    const text = position === null ? 'Its first copy has not begun.' : 'Its first copy is running.';
    return { status: 'never_synced', reason: text, lagS: null };
  }
  return null;
}

function moving(facts: Facts): Standing {
  const { now, pending_at: pendingAt, applied_at: appliedAt, job_type: jobType, due_at: dueAt } = facts;
  const lagS = lagOf(facts);
  const lag = Math.round(lagS);
  if (jobType === 'batch') {
    if (dueAt && now.getTime() - dueAt.getTime() > OVERDUE_MS) {
      return { status: 'late', reason: `Its schedule was due at ${dueAt.toISOString()} and was not kept.`, lagS };
    }
    return { status: 'fresh', reason: pendingAt ? 'Waits for its schedule.' : upToDate(facts), lagS };
  }
  const idleMs = appliedAt ? now.getTime() - appliedAt.getTime() : Infinity;
  if (lagS * 1000 > STALLED_MS && idleMs > STALLED_MS) {
    return { status: 'stalled', reason: `Does not move: work waits for ${lag} s.`, lagS };
  }
  const copying = facts.state === 'copying' ? ` ${asSentence(`It is being copied again: ${facts.reason ?? ''}`)}` : '';
  if (lagS > LAG_TARGET_S) return { status: 'late', reason: `${lag} s behind.${copying}`, lagS };
  return {
    status: 'fresh',
    reason: `${pendingAt ? `${lag} s behind.` : upToDate(facts)}${copying}`,
    lagS,
  };
}

/** Keys that were set aside are not as the source has them, however fresh the rest is. */
function upToDate({ set_aside: count }: Facts): string {
  if (count === 0) return 'Everything captured is applied.';
  return `Everything captured is applied but ${count === 1 ? 'one key that was' : `${count} keys that were`} set aside.`;
}

/** Clocks of two machines may differ a little: never below zero. */
function lagOf({ now, pending_at: pendingAt }: Facts): number {
  return pendingAt ? Math.max(0, now.getTime() - pendingAt.getTime()) / 1000 : 0;
}

function isOld(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() > SILENT_MS;
}
