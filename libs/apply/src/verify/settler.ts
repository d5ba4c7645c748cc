import {
  isAheadOf,
  isCopyOwed,
  parseLaneState,
  type LaneChange,
  type LaneJournal,
  type LaneLedger,
  type LaneState,
  type Lsn,
} from '@astro/sync-core';
import { abortableSleep } from '@astro/runtime';
import { RecentXids } from '../lane/applied-log.js';
import type { NotCheckedReason } from './model.js';
import { PendingKeys } from './pending-keys.js';
import type { Finding, SourceSide, TargetSide } from './sides.js';

export interface SettlerOptions {
  readonly ledger: LaneLedger;
  readonly journal: Pick<LaneJournal, 'openFailures'>;
  readonly source: SourceSide;
  readonly target: TargetSide;
  /** Asks for the lane to be moved on; called again and again while it is waited for. */
  readonly wake: () => void;
  /** How long capture may stand still before what waits for it counts as not checked. */
  readonly patienceMs: number;
  /** The same for the lane; nothing when it moves at its own times only. */
  readonly lanePatienceMs: number;
}

/** What is true of a key. `gone`: neither side has it any more. */
export type Outcome =
  { readonly kind: 'same' | 'gone' } | Finding | { readonly kind: 'not_checked'; readonly reason: NotCheckedReason };

interface Decided {
  readonly outcomes: Map<string, Outcome>;
  /** Keys that the lane has set aside until it has fetched them. */
  readonly waiting: Set<string>;
  readonly signal: AbortSignal;
}

const RECENT_XIDS = 10_000;
/** More that is pending is not looked through while the lane moves: it is waited for. */
const MAX_PENDING_PAGES = 25;
/** Looks at a key that is changed again each time, with the lane up to date, before it counts as not checked. */
const MAX_LOOKS = 50;
const POLL_MS = 5;
const INCOMPLETE = 'SYNC_INCOMPLETE';

/**
 * Decides about keys that looked different while both sides were being written. A look takes the lane's position P at
 * the target, then what the source holds in a snapshot that sees everything applied, then what the target holds, then a
 * mark W in the source's log. When everything before W is in the ledger and none of it after P touches the key, then
 * nothing was changing the key from before the first reading until after the last: what differs is different. A key
 * that was touched is looked at again. Only reads the ledger, so any process may do it, whoever moves the lane.
 */
export class Settler {
  /** The lane has not moved although it was waited for: it is not waited for again until it does. */
  private standsAt: string | null = null;
  /** So it is with capture. */
  private capturedStandsAt: Lsn | null = null;
  private readonly pending: PendingKeys;

  constructor(private readonly options: SettlerOptions) {
    this.pending = new PendingKeys(options);
  }

  /** @returns an outcome for each key, of one table */
  async settle(tableId: number, keys: readonly string[], signal: AbortSignal): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    const waiting = new Set<string>();
    let open: readonly string[] = keys;
    let reason: NotCheckedReason = 'changing';
    let isLast = false;
    for (let looks = 0; open.length > 0 && looks < MAX_LOOKS; looks++) {
      signal.throwIfAborted();
      const mark = await this.look(tableId, open, { outcomes, waiting, signal });
      open = open.filter((key) => !outcomes.has(key));
      if (open.length === 0 || (await this.laneReaches(mark, signal))) continue;
      // More may wait for a lane that stands than was looked through while it might have moved: once more, all of it.
      if (isLast || !(await this.stands())) {
        reason = 'pending';
        break;
      }
      isLast = true;
    }
    for (const key of open) {
      outcomes.set(key, { kind: 'not_checked', reason: waiting.has(key) ? 'set_aside' : reason });
    }
    return outcomes;
  }

  /** Looks at each key once. @returns the mark that the lane must reach before another look may tell more */
  private async look(tableId: number, keys: readonly string[], { outcomes, waiting, signal }: Decided): Promise<Lsn> {
    const { ledger, source, target } = this.options;
    const state = await this.state();
    if (!state || isAheadOf(state.position, await ledger.capturedTo())) return source.watermark();
    const setAside = await this.setAside(tableId);
    const visible = { recentXids: new RecentXids(await ledger.recentXids(RECENT_XIDS), RECENT_XIDS) };
    const documents = await source.documents(tableId, keys, visible);
    const findings = await target.compare(tableId, documents);
    const mark = await source.watermark();
    for (const key of keys) {
      if (findings.has(key)) continue;
      outcomes.set(key, { kind: documents.get(key) === null ? 'gone' : 'same' });
    }
    if (findings.size === 0 || !(await this.isCaptured(mark, signal))) return mark;
    const maxPages = (await this.stands()) ? Infinity : MAX_PENDING_PAGES;
    const question = { tableId, keys: new Set(findings.keys()), state, visible, maxPages, signal };
    const touched = await this.pending.touched(question);
    if (touched === 'all' || !(await this.isSteady(state))) return mark;
    this.decide(findings, { setAside, touched }, { outcomes, waiting });
    return mark;
  }

  private decide(
    findings: ReadonlyMap<string, Finding>,
    { setAside, touched }: { readonly setAside: ReadonlyMap<string, string>; readonly touched: ReadonlySet<string> },
    { outcomes, waiting }: Pick<Decided, 'outcomes' | 'waiting'>,
  ): void {
    for (const [key, finding] of findings) {
      const failure = setAside.get(key);
      if (failure === INCOMPLETE)
        waiting.add(key); // the lane itself is about to mend it
      else if (failure !== undefined) outcomes.set(key, { kind: 'not_checked', reason: 'set_aside' });
      else if (!touched.has(key)) outcomes.set(key, finding);
    }
  }

  /** The lane's state while the target is complete; null: the lane is copying, or has yet to. */
  private async state(): Promise<LaneState | null> {
    const text = await this.options.target.readState();
    const state = text === null ? null : parseLaneState(text);
    return state === null || isCopyOwed(state) ? null : state;
  }

  /** No copy has begun since, and the target has not lost what it held. */
  private async isSteady(before: LaneState): Promise<boolean> {
    const after = await this.state();
    return after !== null && after.history === before.history;
  }

  private async setAside(tableId: number): Promise<ReadonlyMap<string, string>> {
    const failures = await this.options.journal.openFailures();
    return new Map(failures.filter((failure) => failure.tableId === tableId).map(({ key, code }) => [key, code]));
  }

  /** Everything before the mark is in the ledger. False: capture stands still. */
  private async isCaptured(mark: Lsn, signal: AbortSignal): Promise<boolean> {
    let captured = await this.options.ledger.capturedTo();
    if (captured === this.capturedStandsAt && captured < mark) return false;
    const look = async () => {
      if (captured >= mark) return null;
      captured = await this.options.ledger.capturedTo();
      return String(captured);
    };
    const isCaptured = await moves(look, { patienceMs: this.options.patienceMs, signal });
    this.capturedStandsAt = isCaptured ? null : captured;
    return isCaptured;
  }

  /** It was waited for in vain, and has not moved since. */
  private async stands(): Promise<boolean> {
    return this.standsAt !== null && (await this.options.target.readState()) === this.standsAt;
  }

  /** The lane has applied everything before the mark, or has nothing to apply. False: it stands still. */
  private async laneReaches(mark: Lsn, signal: AbortSignal): Promise<boolean> {
    const { target, wake, lanePatienceMs, patienceMs } = this.options;
    if (!(await this.isCaptured(mark, signal))) return false;
    if (await this.stands()) return false;
    this.standsAt = null;
    let seen: string | null = null;
    const look = async () => {
      wake();
      const text = await target.readState();
      seen = text ?? '';
      return (await this.isPast(text, mark)) ? null : seen;
    };
    const isInRun = (await this.state())?.copy?.task !== undefined; // then it moves, whatever its schedule says
    const reached = await moves(look, { patienceMs: isInRun ? patienceMs : lanePatienceMs, signal });
    if (!reached) this.standsAt = seen;
    return reached;
  }

  private async isPast(text: string | null, mark: Lsn): Promise<boolean> {
    if (text === null) return false;
    const state = parseLaneState(text);
    if (isCopyOwed(state)) return false;
    const { position } = state;
    if (position.commitLsn >= mark) return true;
    const { changes } = await this.options.ledger.read(state, { maxRows: 1, maxBytes: 1 });
    const next: LaneChange | undefined = changes[0];
    return next === undefined || next.commitLsn >= mark;
  }
}

/** Looks until there is nothing more to wait for (null). False: what was seen stayed the same for too long. */
async function moves(
  look: () => Promise<string | null>,
  { patienceMs, signal }: { readonly patienceMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  let last: string | null = null;
  let sinceMs = Date.now();
  for (;;) {
    signal.throwIfAborted();
    const seen = await look();
    if (seen === null) return true;
    if (seen !== last) [last, sinceMs] = [seen, Date.now()];
    else if (Date.now() - sinceMs > patienceMs) return false;
    await abortableSleep(POLL_MS, signal);
  }
}
