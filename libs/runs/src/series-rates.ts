/** What one item did while one worker held it, as far as its samples in one bucket tell. Instants are Unix times in ms. */
export interface Stretch {
  readonly itemId: string;
  /** Counts how often a worker had taken the item: between two holdings nobody worked. */
  readonly holding: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Counted since the start of the item, at the first and the last sample. */
  readonly firstRows: number;
  readonly lastRows: number;
  readonly firstErrors: number;
  readonly lastErrors: number;
}

export interface Grid {
  readonly fromMs: number;
  readonly bucketMs: number;
  readonly count: number;
}

/** Null: nobody worked, or nobody told. */
export interface Rate {
  readonly rowsPerSecond: number | null;
  readonly errorsPerSecond: number | null;
}

/** Work that went on evenly from one instant to another, as far as is known. */
interface Piece {
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  readonly errors: number;
}

/** Rates over less than this would be noise. */
const SHORTEST_MS = 200;

/**
 * How fast all items together went, bucket by bucket. Only time in which one of them was worked on counts, so a bucket
 * that a pause cuts is not slower for it.
 * @param stretches in any order; of one item and holding they do not overlap
 */
export function ratesOf(stretches: readonly Stretch[], grid: Grid): readonly Rate[] {
  const pieces = piecesOf(stretches);
  return Array.from({ length: grid.count }, (_, index) => {
    const fromMs = grid.fromMs + index * grid.bucketMs;
    return rateIn(pieces.flatMap((piece) => partIn(piece, fromMs, fromMs + grid.bucketMs)));
  });
}

/** What was done inside the stretches, and between one and the next while the same worker held the item. */
function piecesOf(stretches: readonly Stretch[]): readonly Piece[] {
  const ordered = [...stretches].sort((a, b) => a.firstMs - b.firstMs);
  const latest = new Map<string, Mark>();
  return ordered.flatMap((stretch) => {
    const holding = `${stretch.itemId} ${stretch.holding}`;
    const first = { atMs: stretch.firstMs, rows: stretch.firstRows, errors: stretch.firstErrors };
    const last = { atMs: stretch.lastMs, rows: stretch.lastRows, errors: stretch.lastErrors };
    const before = latest.get(holding) ?? first;
    latest.set(holding, last);
    return [pieceOf(before, first), pieceOf(first, last)].filter(isWork);
  });
}

interface Mark {
  readonly atMs: number;
  readonly rows: number;
  readonly errors: number;
}

function pieceOf(from: Mark, to: Mark): Piece {
  return { fromMs: from.atMs, toMs: to.atMs, rows: to.rows - from.rows, errors: to.errors - from.errors };
}

/** One sample alone tells of no work. */
function isWork({ fromMs, toMs, rows, errors }: Piece): boolean {
  return toMs > fromMs || rows > 0 || errors > 0;
}

/** The part of a piece that is in a bucket; nothing when it is elsewhere. What took no time is where it happened. */
function partIn(piece: Piece, fromMs: number, toMs: number): readonly Piece[] {
  const from = Math.max(piece.fromMs, fromMs);
  const to = Math.min(piece.toMs, toMs);
  const lengthMs = piece.toMs - piece.fromMs;
  if (lengthMs === 0) return piece.fromMs >= fromMs && piece.fromMs < toMs ? [piece] : [];
  if (to <= from) return [];
  const share = (to - from) / lengthMs;
  return [{ fromMs: from, toMs: to, rows: piece.rows * share, errors: piece.errors * share }];
}

function rateIn(parts: readonly Piece[]): Rate {
  if (parts.length === 0) return { rowsPerSecond: null, errorsPerSecond: null };
  const seconds = Math.max(SHORTEST_MS, workedMs(parts)) / 1000;
  const perSecond = (what: 'rows' | 'errors') =>
    Math.max(0, parts.reduce((total, part) => total + part[what], 0) / seconds);
  return { rowsPerSecond: perSecond('rows'), errorsPerSecond: perSecond('errors') };
}

/** The time in which at least one of the parts went on. */
function workedMs(parts: readonly Piece[]): number {
  const ordered = [...parts].sort((a, b) => a.fromMs - b.fromMs);
  let worked = 0;
  let untilMs = -Infinity;
  for (const { fromMs, toMs } of ordered) {
    worked += Math.max(0, toMs - Math.max(fromMs, untilMs));
    untilMs = Math.max(untilMs, toMs);
  }
  return worked;
}
