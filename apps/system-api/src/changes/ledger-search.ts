import { type Pool, type PoolClient } from 'pg';
import { readLanes, type LedgerLane } from './ledger-lanes.js';
import { searchStatement, walksBack, type ChangePlace, type LedgerFilter, type LedgerWindow } from './ledger-sql.js';
import { type ChangeRow } from './change-row.js';

/** Where a search begins: everything stored before `at`, and what was stored at it comes before `place`. */
export interface SearchStart {
  readonly at: Date;
  /** Null: nothing that was stored at `at` itself. */
  readonly place: ChangePlace | null;
  /** Length of the time that was looked at last, so that the next page begins with it. */
  readonly stepMs: number | null;
}

export interface SearchRequest {
  /** Decides what to look for, once the lanes are known; null: nothing can fit. */
  readonly filter: (lanes: readonly LedgerLane[]) => LedgerFilter | null;
  readonly limit: number;
  /** Null: at the newest. */
  readonly start: SearchStart | null;
  /** Only what came after this. */
  readonly after: { readonly at: Date; readonly place: ChangePlace } | null;
  /** Inclusive and exclusive, by the time of storing. */
  readonly from: Date | null;
  readonly to: Date | null;
  /** The search ends early after about this long. Default 55. */
  readonly budgetMs?: number;
}

export interface SearchResult {
  /** Newest first; one more than the limit when there are more. */
  readonly rows: readonly ChangeRow[];
  /** Where to go on when time ran out; null: everything has been searched, or the rows are full. */
  readonly unfinished: SearchStart | null;
  readonly stepMs: number;
  /** The end of the ledger as this search saw it; null: it is empty. */
  readonly newest: { readonly at: Date; readonly place: ChangePlace } | null;
}

const BUDGET_MS = 55;
/** A step that takes longer is given up and tried again with a shorter time. */
const STEP_TIMEOUT_MS = 500;
/** The first step looks at about so many transactions. */
const FIRST_TRANSACTIONS = 300;
const FIRST_STEP_MS = 60_000;
/** After a step the next one looks at as much more as should take about this long, within bounds. */
const NEXT_STEP_COST_MS = 25;
const GROWTH = { most: 40, afterTimeout: 1 / 16 };
/** What is rare is found by its index, which costs about the same for a long time as for a short one. */
const LEAST_GROWTH = { rare: 12, common: 2 };
/** A step that took longer does not grow by itself. */
const QUICK_STEP_MS = 30;
const SHORTEST_STEP_MS = 1;
/** Ten years. From page to page a step would grow beyond what an instant, and so a cursor, can hold. */
const LONGEST_STEP_MS = 10 * 365 * 86_400_000;
/** What was stored last before some time is looked for in the second before it first, then in longer times. */
const LOOK_BACK = { firstMs: 1000, growth: 16 };
const TIMED_OUT = '57014';
const MAX_INT = 2_147_483_647;
const MAX_LANE = 4095;

/**
 * Looks for changes from the newest back in time, in steps that grow, until the page is full or the time is used up:
 * an answer always comes soon, and says how far it has looked. All steps see one snapshot.
 */
export async function searchLedger(pool: Pool, request: SearchRequest): Promise<SearchResult> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    const result = await new Search(client, request).run();
    await client.query('COMMIT');
    isBroken = false;
    return result;
  } finally {
    client.release(isBroken);
  }
}

interface Bounds {
  readonly bottom: Date;
  readonly top: Date;
  readonly stepMs: number;
  readonly newest: SearchResult['newest'];
}

class Search {
  private readonly startedAtMs = performance.now();
  /** Just after the newest change. */
  private newestEnd = new Date(0);

  constructor(
    private readonly client: PoolClient,
    private readonly request: SearchRequest,
  ) {}

  async run(): Promise<SearchResult> {
    await this.begin();
    const lanes = await readLanes(this.client);
    const filter = this.request.filter(lanes);
    const bounds = await this.bounds(lanes);
    const nothing = { rows: [], unfinished: null, stepMs: FIRST_STEP_MS, newest: bounds?.newest ?? null };
    return filter && bounds && bounds.bottom < bounds.top ? this.steps(filter, bounds) : nothing;
  }

  /** The indexes by key and origin must be used even where the planner has no figures yet. */
  private async begin(): Promise<void> {
    await this.client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
       SET LOCAL statement_timeout = ${STEP_TIMEOUT_MS}; SET LOCAL enable_seqscan = off; SET LOCAL jit = off;
       SET LOCAL max_parallel_workers_per_gather = 0`,
    );
  }

  private async bounds(lanes: readonly LedgerLane[]): Promise<Bounds | null> {
    const { start, after, from, to } = this.request;
    const sources = [...new Set(lanes.map(({ sourceId }) => sourceId))];
    const { rows } = await this.client.query<EdgeRow>(EDGES, [sources]);
    const [edges] = rows;
    if (!edges?.oldest || !edges.newest || edges.newest_lsn === null) return null;
    const { oldest, newest, newest_lsn: lsn, first } = edges;
    const end = new Date(newest.getTime() + 1);
    this.newestEnd = end;
    return {
      bottom: latest(oldest, from, after?.at ?? null),
      top: earliest(end, to, start && (start.place ? new Date(start.at.getTime() + 1) : start.at)),
      stepMs: start?.stepMs ?? firstStepMs({ oldest, newest, first }, to),
      newest: { at: newest, place: { lsn, seq: MAX_INT, lane: MAX_LANE } },
    };
  }

  private async steps(filter: LedgerFilter, { bottom, top, stepMs, newest }: Bounds): Promise<SearchResult> {
    const { limit } = this.request;
    const rows: ChangeRow[] = [];
    let to = top;
    let step = stepMs;
    let tookMs = 0;
    const isRare = findsRareRows(filter);
    while (to > bottom) {
      // A step that would likely end too late is left to the next page.
      if (this.leftMs() <= (isRare ? 0 : Math.min(tookMs, NEXT_STEP_COST_MS))) {
        return { rows, unfinished: { at: to, place: null, stepMs: step }, stepMs: step, newest };
      }
      const from = new Date(Math.max(bottom.getTime(), to.getTime() - step));
      const startedAtMs = performance.now();
      const before = await this.placeBefore(filter, to, to === top ? bottom : from);
      const found = await this.step(filter, {
        from,
        to,
        before,
        after: await this.placeAfter(filter, from, bottom),
        limit: limit + 1 - rows.length,
      });
      tookMs = performance.now() - startedAtMs;
      step = this.nextStep(step, found === null ? null : tookMs, isRare && rows.length < limit / 4);
      if (found === null) continue;
      rows.push(...found);
      if (rows.length > limit) break;
      to = from;
    }
    return { rows, unfinished: null, stepMs: step, newest };
  }

  /**
   * The place that a step must stay before. Steps that walk back the index of positions need one, or they would walk
   * through all that is newer than the step; the others find their rows by time.
   */
  private async placeBefore(filter: LedgerFilter, to: Date, bottom: Date): Promise<ChangePlace | null> {
    const { start } = this.request;
    if (start?.place && to.getTime() === start.at.getTime() + 1) return start.place;
    return !walksBack(filter) || to >= this.newestEnd ? null : this.lastBefore(to, bottom);
  }

  /**
   * The place that a step must stay after. Nobody can tell how few rows hold a text: a walk that finds none would not end
   * with the step, but go on through all that is older.
   */
  private async placeAfter(filter: LedgerFilter, from: Date, bottom: Date): Promise<ChangePlace | null> {
    const { after } = this.request;
    if (after || filter.contains === null || from <= bottom) return after?.place ?? null;
    return this.lastBefore(from, bottom);
  }

  /** The last transaction that was stored before `to`; a place before everything when there is none. */
  private async lastBefore(to: Date, bottom: Date): Promise<ChangePlace> {
    for (let lookBackMs = LOOK_BACK.firstMs; ; lookBackMs *= LOOK_BACK.growth) {
      const from = new Date(Math.max(bottom.getTime(), to.getTime() - lookBackMs));
      const { rows } = await this.client.query<{ lsn: string | null }>(LAST_LSN, [from, to]);
      const lsn = rows[0]?.lsn ?? null;
      if (lsn !== null) return { lsn, seq: MAX_INT, lane: MAX_LANE };
      if (from <= bottom) return { lsn: '0/0', seq: 0, lane: 0 };
    }
  }

  /** Null when it took too long. */
  private async step(filter: LedgerFilter, window: LedgerWindow): Promise<ChangeRow[] | null> {
    const { text, values } = searchStatement(filter, window);
    try {
      const { rows } = await this.client.query<ChangeRow>(text, [...values]);
      return rows;
    } catch (error) {
      if ((error as { code?: unknown }).code !== TIMED_OUT) throw error;
      await this.client.query('ROLLBACK');
      await this.begin();
      return null;
    }
  }

  /** @param tookMs null: it was given up because it took too long */
  private nextStep(stepMs: number, tookMs: number | null, isRare: boolean): number {
    if (tookMs === null) return Math.max(SHORTEST_STEP_MS, stepMs * GROWTH.afterTimeout);
    const costMs = Math.min(NEXT_STEP_COST_MS, Math.max(0, this.leftMs()));
    const least = tookMs < QUICK_STEP_MS ? LEAST_GROWTH[isRare ? 'rare' : 'common'] : 1;
    const growth = Math.min(GROWTH.most, Math.max(least, costMs / Math.max(1, tookMs)));
    return Math.min(LONGEST_STEP_MS, Math.max(SHORTEST_STEP_MS, stepMs * growth));
  }

  private leftMs(): number {
    return (this.request.budgetMs ?? BUDGET_MS) - (performance.now() - this.startedAtMs);
  }
}

interface EdgeRow {
  readonly oldest: Date | null;
  readonly newest: Date | null;
  readonly newest_lsn: string | null;
  readonly first: Date | null;
}

/** The ends of the ledger by the index of positions, and the time before which the first step need not look. */
const EDGES = `
SELECT min(o.created_at) AS oldest, max(n.created_at) AS newest, max(n.commit_lsn) AS newest_lsn, min(f.created_at) AS first
FROM unnest($1::smallint[]) AS s (id)
LEFT JOIN LATERAL (SELECT created_at FROM sync.ledger_transactions t
  WHERE t.source_id = s.id ORDER BY commit_lsn LIMIT 1) o ON true
LEFT JOIN LATERAL (SELECT created_at, commit_lsn FROM sync.ledger_transactions t
  WHERE t.source_id = s.id ORDER BY commit_lsn DESC LIMIT 1) n ON true
LEFT JOIN LATERAL (SELECT created_at FROM sync.ledger_transactions t
  WHERE t.source_id = s.id ORDER BY commit_lsn DESC OFFSET ${FIRST_TRANSACTIONS} LIMIT 1) f ON true`;

const LAST_LSN = `
SELECT max(commit_lsn) AS lsn FROM sync.ledger_transactions WHERE created_at >= $1 AND created_at < $2`;

/** Keys, people, correlation ids and failures are told apart by an index; services and actions are frequent. */
function findsRareRows({ key, user, correlationId, status }: LedgerFilter): boolean {
  return [key, user, correlationId].some((value) => value !== null) || status === 'failed' || status === 'skipped';
}

/** A ledger of few transactions is looked at in one step. */
function firstStepMs(
  { oldest, newest, first }: { oldest: Date; newest: Date; first: Date | null },
  to: Date | null,
): number {
  if (first && to) return FIRST_STEP_MS;
  return newest.getTime() - (first ?? oldest).getTime() + 1;
}

function latest(first: Date, ...others: readonly (Date | null)[]): Date {
  return others.reduce<Date>((found, other) => (other && other > found ? other : found), first);
}

function earliest(first: Date, ...others: readonly (Date | null)[]): Date {
  return others.reduce<Date>((found, other) => (other && other < found ? other : found), first);
}
