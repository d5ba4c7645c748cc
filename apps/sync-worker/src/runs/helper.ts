import type { Logger } from '@astro/runtime';
import { FencedError } from '@astro/sync-core';
import { Every } from '../engine/every.js';
import type { ComparisonTools } from './comparison.js';
import type { Comparer } from './comparisons.js';
import type { HelpWanted } from './part-ledger.js';
import { stageOf } from './stage.js';

const INTERVAL_MS = 1000;

export interface HelperOptions extends ComparisonTools {
  readonly log: Logger;
  readonly comparerOf: (dataSet: string) => Comparer | null;
}

/** Takes parts of comparisons that other workers hold. */
export class Helper {
  private readonly every: Every;
  private readonly stopping = new AbortController();

  constructor(private readonly options: HelperOptions) {
    this.every = new Every('run_helper', INTERVAL_MS, options.log);
  }

  start(): void {
    this.every.start(() => this.help());
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.every.stop();
  }

  private async help(): Promise<void> {
    const { parts, worker } = this.options;
    for (const wanted of await parts.toHelp(worker)) {
      const comparer = this.options.comparerOf(wanted.dataSet);
      if (!comparer) continue;
      try {
        await this.helpWith(wanted, comparer);
      } catch (error) {
        if (!(error instanceof FencedError) && !this.stopping.signal.aborted) throw error;
      } finally {
        await comparer.close().catch(() => undefined); // the next use connects anew
      }
    }
  }

  /** A repair may go on to its second comparison meanwhile: each part says which one it belongs to. */
  private async helpWith({ itemId, isPreview }: HelpWanted, { verifier }: Comparer): Promise<void> {
    const { partWorker } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const chunk = await partWorker.take(itemId);
      if (!chunk) return;
      const isProof = stageOf(chunk.stateData).stage === 'prove';
      const countAs = isPreview ? 'preview' : isProof ? 'proof' : 'difference';
      await partWorker.compare({ chunk, verifier, countAs, signal });
    }
  }
}
