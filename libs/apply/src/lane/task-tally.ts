import {
  PoisonError,
  fromByteString,
  parseLsn,
  type CopyProgress,
  type LaneChange,
  type LaneState,
  type TaskTally,
} from '@astro/sync-core';
import { linesOf } from '../copy/copy-bytes.js';
import { CopyLineDecoder } from '../copy/copy-line.js';
import type { Comparison, KeyState, RowChunk } from '../targets/target.js';
import type { Lane } from './lane.js';

const COMPARED_AT_ONCE = 2000;
const NOTHING: Comparison = { inserted: 0, changed: 0, same: 0, removed: 0 };

/** What a target has compressed since it was made. */
export interface CompressionCount {
  rawBytes: number;
  storedBytes: number;
}

/** Counts what the rows of a run change, before they are written, into the state that is written with them. */
export class TaskTallier {
  private saved = 0;

  constructor(private readonly lane: Lane) {}

  async withStates(next: LaneState, states: readonly KeyState[]): Promise<LaneState> {
    if (!next.copy?.task) return next;
    const bytes = states.reduce((sum, { document }) => sum + (document?.length ?? 0), 0);
    return this.add(next, await this.compare(next, states), bytes);
  }

  async withChunk(next: LaneState, chunk: RowChunk): Promise<LaneState> {
    if (!next.copy?.task) return next;
    if (!next.copy.sweep) {
      const found = { inserted: chunk.rows, changed: 0, same: 0, removed: 0 };
      return this.add(next, found, chunk.bytes.length);
    }
    let found = NOTHING;
    for (const page of pagesOf(linesOf(chunk.bytes))) {
      found = sum(found, await this.compare(next, this.lane.statesOf(chunk, page)));
    }
    return this.add(next, found, chunk.bytes.length);
  }

  /** Takes back what was counted of rows that turned out not to be writable. Bytes stay: they were sent. */
  async without(counted: LaneState, refused: readonly KeyState[]): Promise<LaneState> {
    const { copy } = counted;
    if (!copy?.task) return counted;
    const { tally } = copy.task;
    const found = await this.compare(counted, refused);
    const less = { ...tally, ...difference(tally, found), refused: (tally.refused ?? 0) + refused.length };
    return { ...counted, copy: { ...copy, task: { ...copy.task, tally: less } } };
  }

  /** What cannot even be compared, such as a number too large for its column, will be refused: it counts as nothing. */
  private async compare(state: LaneState, states: readonly KeyState[]): Promise<Comparison> {
    if (!state.copy?.sweep) return { ...NOTHING, inserted: states.length };
    try {
      return await this.lane.deps.target.compare(states);
    } catch (error) {
      if (!(error instanceof PoisonError)) throw error;
      if (states.length <= 1) return NOTHING;
      const middle = states.length >> 1;
      return sum(await this.compare(state, states.slice(0, middle)), await this.compare(state, states.slice(middle)));
    }
  }

  private add(next: LaneState, found: Comparison, bytes: number): LaneState {
    const { copy } = next;
    if (!copy?.task) return next;
    const { tally } = copy.task;
    const stored = Math.max(0, bytes - this.savedSince());
    const more: TaskTally = {
      ...tally,
      ...sum(tally, found),
      rawBytes: tally.rawBytes + bytes,
      storedBytes: tally.storedBytes + stored,
    };
    return { ...next, copy: { ...copy, task: { ...copy.task, tally: more } } };
  }

  /** Compression is known once a step is written; it counts with the next one. */
  private savedSince(): number {
    const { compression } = this.lane.deps;
    if (!compression) return 0;
    const saved = compression.rawBytes - compression.storedBytes;
    const since = saved - this.saved;
    this.saved = saved;
    return since;
  }
}

/** The copy after these changes of the stream: a task that only catches up counts those that it is about. */
export function streamed(copy: CopyProgress | null, changes: readonly LaneChange[]): CopyProgress | null {
  if (copy?.phase !== 'stream') return copy;
  const until = parseLsn(copy.task?.until ?? '0/0');
  return { ...copy, rows: copy.rows + changes.filter(({ commitLsn }) => commitLsn < until).length };
}

/** Lines of COPY text as states of their keys. */
export function decodedStates(
  chunk: RowChunk,
  lines: readonly string[],
  { keyColumns, position }: { readonly keyColumns: readonly string[]; readonly position: KeyState['position'] },
): KeyState[] {
  const decoder = new CopyLineDecoder(chunk.columns, keyColumns, null);
  return lines.map((line) => {
    const { key, document } = decoder.decode(line);
    const texts = { key: fromByteString(key), document: fromByteString(document) };
    return { tableId: chunk.tableId, ...texts, carry: null, position };
  });
}

function* pagesOf(lines: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < lines.length; start += COMPARED_AT_ONCE)
    yield lines.slice(start, start + COMPARED_AT_ONCE);
}

function sum(a: Comparison, b: Comparison): Comparison {
  return {
    inserted: a.inserted + b.inserted,
    changed: a.changed + b.changed,
    same: a.same + b.same,
    removed: a.removed + b.removed,
  };
}

function difference(a: Comparison, b: Comparison): Comparison {
  return {
    inserted: a.inserted - b.inserted,
    changed: a.changed - b.changed,
    same: a.same - b.same,
    removed: a.removed - b.removed,
  };
}
