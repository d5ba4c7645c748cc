import type { LaneJournal, LaneLedger } from '@astro/sync-core';
import type { NotCheckedReason, VerifyCounts, VerifyHooks, VerifyPart, WalkStep } from './model.js';
import { Settler, type Outcome } from './settler.js';
import type { SourceSide, TargetSide, Walk } from './sides.js';
import { tableOf } from './tables.js';

export interface VerifierOptions {
  readonly source: SourceSide;
  readonly target: TargetSide;
  readonly walk: Walk;
  /** The lane's own view of the ledger: with the rows before changes where the lane reads them. */
  readonly ledger: LaneLedger;
  readonly journal: Pick<LaneJournal, 'openFailures'>;
  /** Asks whoever moves the lane to move it on; called often while the lane is waited for. */
  readonly wake?: () => void;
  /** How long lane and capture may stand still while they are waited for; default 15 s. */
  readonly patienceMs?: number;
  /** The lane moves at its own times only: what it has not applied is not waited for. */
  readonly isScheduled?: boolean;
}

const PATIENCE_MS = 15_000;

const MESSAGES: Readonly<Record<NotCheckedReason, string>> = {
  set_aside: 'The row could not be written and was set aside; see the failures of the data set.',
  pending: 'Changes wait to be applied: the data set waits for its schedule, or does not move on; look at its state.',
  changing: 'The row was changed again during every look; verify it at a calmer time.',
};

/**
 * Compares source and target of a data set while both are being written. Reads only, and writes nothing but marks into
 * the source's log; needs somebody else to move the lane. What differs at first sight is settled afterwards (see
 * {@link Settler}), so every difference that is reported is one, and what cannot be decided is reported as not checked.
 * For one caller at a time; memory is bounded whatever the sides hold.
 */
export class Verifier {
  private readonly settler: Settler;

  constructor(private readonly options: VerifierOptions) {
    const { source, target, ledger, journal, wake, patienceMs = PATIENCE_MS } = options;
    const patience = { patienceMs, lanePatienceMs: options.isScheduled ? 0 : patienceMs };
    this.settler = new Settler({ source, target, ledger, journal, wake: wake ?? (() => undefined), ...patience });
  }

  /** Parts of about this many rows that together are the whole data set; they may be verified in any order, anywhere. */
  async *parts(rowsPerPart: number): AsyncGenerator<VerifyPart> {
    const { source, walk } = this.options;
    for (const { id: tableId } of source.tables) {
      let from: readonly string[] | null = null;
      do {
        const to: readonly string[] | null = await source.boundary(tableId, from, rowsPerPart);
        yield { kind: 'range', tableId, from, to };
        from = to;
      } while (from !== null);
      if (walk.needsExtras) yield { kind: 'extras', tableId };
    }
  }

  /** Everything, in this process. */
  async verifyAll(hooks: VerifyHooks): Promise<VerifyCounts> {
    const tally = new Tally(this.options, this.settler, hooks);
    for (const { id: tableId } of this.options.source.tables) {
      await this.take(tableId, this.options.walk.whole(tableId, hooks.signal), { tally, hooks });
    }
    return tally.counts;
  }

  async verifyPart(part: VerifyPart, hooks: VerifyHooks): Promise<VerifyCounts> {
    const tally = new Tally(this.options, this.settler, hooks);
    const { walk } = this.options;
    const isRange = part.kind === 'range';
    const steps = isRange ? walk.range(part, hooks.signal) : walk.extras(part.tableId, hooks.signal);
    await this.take(part.tableId, steps, { tally, hooks });
    return tally.counts;
  }

  /** Only these keys; those that neither side has count nowhere. */
  async verifyKeys(tableId: number, keys: readonly string[], hooks: VerifyHooks): Promise<VerifyCounts> {
    const tally = new Tally(this.options, this.settler, hooks);
    await tally.add(tableId, { rows: 0, same: 0, suspects: [...new Set(keys)] });
    await tally.settle();
    return tally.counts;
  }

  /** Ends its connections; it is of no use afterwards. */
  async close(): Promise<void> {
    const { source, target, walk } = this.options;
    await Promise.all([source.close(), target.close(), walk.close()]);
  }

  private async take(tableId: number, steps: AsyncIterable<WalkStep>, { tally, hooks }: Taken): Promise<void> {
    for await (const step of steps) {
      await tally.add(tableId, step);
      await hooks.control?.(step.rows);
    }
    await tally.settle();
  }
}

interface Taken {
  readonly tally: Tally;
  readonly hooks: VerifyHooks;
}

/** Counts, and keeps suspects until there are enough to settle them together. */
class Tally {
  private readonly found = { same: 0, missing: 0, different: 0, extra: 0, notChecked: 0 };
  private tableId = 0;
  private suspects: string[] = [];

  constructor(
    private readonly options: VerifierOptions,
    private readonly settler: Settler,
    private readonly hooks: VerifyHooks,
  ) {}

  get counts(): VerifyCounts {
    const { same, missing, different, notChecked } = this.found;
    return { rows: same + missing + different + notChecked, ...this.found };
  }

  async add(tableId: number, { same, suspects }: WalkStep): Promise<void> {
    this.tableId = tableId;
    this.found.same += same;
    for (const key of suspects) this.suspects.push(key);
    while (this.suspects.length >= this.options.source.keysAtOnce) await this.settlePage();
    this.hooks.onProgress?.(this.counts);
  }

  async settle(): Promise<void> {
    while (this.suspects.length > 0) await this.settlePage();
    this.hooks.onProgress?.(this.counts);
  }

  private async settlePage(): Promise<void> {
    const page = this.suspects.splice(0, this.options.source.keysAtOnce);
    const outcomes = await this.settler.settle(this.tableId, page, this.hooks.signal);
    for (const [key, outcome] of outcomes) await this.tell(key, outcome);
  }

  private async tell(key: string, outcome: Outcome): Promise<void> {
    const { tableId, hooks } = this;
    const { table } = tableOf(this.options.source.tables, tableId);
    switch (outcome.kind) {
      case 'gone':
        return;
      case 'same':
        this.found.same++;
        return;
      case 'not_checked':
        this.found.notChecked++;
        return hooks.onNotChecked({ tableId, table, key, reason: outcome.reason, message: MESSAGES[outcome.reason] });
      default: {
        const { kind } = outcome;
        this.found[kind]++;
        return hooks.onDifference({ tableId, table, key, kind, fields: kind === 'different' ? outcome.fields : [] });
      }
    }
  }
}
