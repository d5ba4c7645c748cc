import { Client, escapeLiteral, type ClientConfig } from 'pg';
import {
  ConfigError,
  GapError,
  SlotBusyError,
  formatLsn,
  parseLsn,
  type CapturePosition,
  type Lsn,
} from '@astro/sync-core';

/** What the source says about itself and our slot. */
export interface SourceFacts {
  /** System identifier and timeline: the name of this history of the source. */
  readonly history: string;
  /** How far its log reaches. */
  readonly endLsn: Lsn;
  readonly slot: SlotFacts | null;
}

export interface SlotFacts {
  readonly confirmedLsn: Lsn;
  readonly lost: boolean;
  readonly plugin: string;
  /** Somebody reads it. */
  readonly active: boolean;
}

interface SystemRow {
  readonly systemid: string;
  readonly timeline: number;
  readonly xlogpos: string;
}

interface SlotRow {
  readonly confirmed_flush_lsn: string;
  readonly wal_status: string | null;
  readonly plugin: string;
  readonly active: string;
}

/** A connection for looks at the source, which needs no right but REPLICATION. */
export class SourceLook {
  private readonly client: Client;

  constructor(
    connection: ClientConfig,
    private readonly slot: string,
  ) {
    this.client = new Client({ ...connection, replication: 'database' } as ClientConfig);
    this.client.on('error', () => undefined); // the running query reports it
  }

  async connect(): Promise<void> {
    await this.client.connect();
  }

  /**
   * What is true before the slot is taken.
   * @throws {SlotBusyError} while another worker reads the slot
   */
  async freeFacts(): Promise<SourceFacts> {
    const facts = await this.facts();
    if (facts.slot?.active) throw new SlotBusyError(this.slot);
    return facts;
  }

  async facts(): Promise<SourceFacts> {
    const system = await this.client.query<SystemRow>('IDENTIFY_SYSTEM');
    const { systemid, timeline, xlogpos } = system.rows[0] as SystemRow;
    const slots = await this.client.query<SlotRow>(
      `SELECT confirmed_flush_lsn, wal_status, plugin, active::text FROM pg_catalog.pg_replication_slots
       WHERE slot_name = ${escapeLiteral(this.slot)} AND database = pg_catalog.current_database()`,
    );
    const row = slots.rows[0];
    return {
      history: `${systemid}/${timeline}`,
      endLsn: parseLsn(xlogpos),
      slot: row ? toSlotFacts(row) : null,
    };
  }

  /** It can be called more than once. */
  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}

function toSlotFacts({ confirmed_flush_lsn: lsn, wal_status: status, plugin, active }: SlotRow): SlotFacts {
  return { confirmedLsn: parseLsn(lsn), lost: status === 'lost', plugin, active: active === 'true' };
}

/**
 * Where to stream from, if nothing is missing between the ledger and the slot (W5, W6). A slot behind the ledger is
 * a replay, which the ledger skips; a slot ahead of it is a gap.
 * @throws {GapError} when changes are gone for good
 * @throws {ConfigError} when the source was never set up
 */
export function checkContinuity(slot: string, facts: SourceFacts, stored: CapturePosition | null): CapturePosition {
  if (!facts.slot) {
    if (!stored) throw new ConfigError(`Slot "${slot}" does not exist in OperationsDB; run: npm run sync -- setup`);
    throw new GapError(
      `Slot "${slot}" is gone from OperationsDB; changes after ${formatLsn(stored.safeLsn)} may be lost. ` +
        'Copy everything again with: npm run sync -- resync --all',
    );
  }
  const { confirmedLsn, lost } = facts.slot;
  if (lost) {
    throw new GapError(
      `Slot "${slot}" was invalidated because OperationsDB removed log it still needed (max_slot_wal_keep_size). ` +
        'Copy everything again with: npm run sync -- resync --all',
    );
  }
  if (!stored) return { history: facts.history, slot, commitLsn: 0n as Lsn, safeLsn: confirmedLsn };
  if (stored.history !== facts.history) {
    throw new GapError(
      `OperationsDB is another history (${facts.history}) than the one captured (${stored.history}): it was ` +
        'restored, promoted or exchanged. Copy everything again with: npm run sync -- resync --all',
    );
  }
  if (stored.safeLsn > facts.endLsn) {
    throw new GapError(
      `OperationsDB's log ends at ${formatLsn(facts.endLsn)}, the ledger stands at ${formatLsn(stored.safeLsn)}: ` +
        'OperationsDB was restored from an older backup. Copy everything again with: npm run sync -- resync --all',
    );
  }
  if (confirmedLsn > stored.safeLsn) {
    throw new GapError(
      `Slot "${slot}" stands at ${formatLsn(confirmedLsn)}, the ledger at ${formatLsn(stored.safeLsn)}: someone ` +
        'advanced the slot, or SystemDB was restored. Copy everything again with: npm run sync -- resync --all',
    );
  }
  return stored;
}
