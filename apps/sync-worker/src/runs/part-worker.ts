import type { Verifier, VerifyCounts, VerifyHooks } from '@astro/apply';
import type { ClaimedChunk, ProgressCounters, RunStore } from '@astro/runs';
import { FoundErrors } from './comparison-errors.js';
import { partOf, type PartLedger } from './part-ledger.js';

const RENEW_INTERVAL_MS = 3000;

/** How the counts of a comparison become those of its item. */
export type CountAs = 'difference' | 'preview' | 'proof';

export interface PartJob {
  readonly chunk: ClaimedChunk;
  readonly verifier: Verifier;
  readonly countAs: CountAs;
  readonly signal: AbortSignal;
  readonly control?: (rows: number) => Promise<void>;
}

/** Compares one part and ends its chunk; any worker may do it, whoever holds the item. */
export class PartWorker {
  constructor(
    private readonly store: RunStore,
    private readonly parts: PartLedger,
    private readonly worker: string,
  ) {}

  take(itemId: string): Promise<ClaimedChunk | null> {
    return this.store.claimChunk(this.worker, [itemId]);
  }

  /** @throws {FencedError} when another worker has taken the part, or the item rests */
  async compare({ chunk, verifier, countAs, signal, control }: PartJob): Promise<void> {
    const errors = new FoundErrors();
    const lost = new AbortController();
    const renewing = setInterval(() => void this.renew(chunk, lost), RENEW_INTERVAL_MS);
    try {
      const hooks: VerifyHooks = {
        signal: AbortSignal.any([signal, lost.signal]),
        onDifference: (difference) => errors.addDifference(difference),
        onNotChecked: (key) => errors.addNotChecked(key),
        ...(control && { control }),
      };
      const found = await verifier.verifyPart(partOf(chunk), hooks);
      const counters = { ...countersOf(found, countAs), found };
      const listed = countAs === 'difference' ? { errors: errors.list, more: errors.more } : {};
      await this.store.finishChunk(chunk.chunkId, this.worker, { counters, ...listed });
    } finally {
      clearInterval(renewing);
    }
  }

  private async renew(chunk: ClaimedChunk, lost: AbortController): Promise<void> {
    const isOurs = await this.parts.renew(chunk.chunkId, this.worker).catch(() => true); // the end of the part tells
    if (!isOurs) lost.abort();
  }
}

/** What an item counts of a comparison; a preview tells what a full run would do. */
export function countersOf(found: VerifyCounts, countAs: CountAs): ProgressCounters {
  const { rows, same, missing, different, extra } = found;
  if (countAs === 'proof') return { rowsRead: rows };
  if (countAs === 'difference') return { rowsRead: rows, same };
  return { rowsRead: rows, same, inserted: missing, changed: different, removed: extra };
}
