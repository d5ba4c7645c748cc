import type { ClientBase } from 'pg';
import { problemsError, type Catalogue } from '@astro/catalogue';
import { ConfigError, type Lsn, type TableRef } from '@astro/sync-core';
import { preflight } from '../preflight/preflight.js';
import type { PreflightTable } from '../preflight/resolve-tables.js';
import { readSourceHistory } from '../preflight/source-history.js';
import { readSlot } from '../preflight/stream-rules.js';
import { planSetup, type SetupGoal, type Step } from './plan-setup.js';
import type { ProvenanceSql } from './provenance-sql.js';
import { shortTransaction, type LockLimits } from './short-transaction.js';
import { createSlot } from './slot.js';
import { readSourceState } from './source-state.js';

export interface SetupOptions {
  readonly catalogue: Catalogue;
  readonly provenance: ProvenanceSql;
  /** The role that captures; gets USAGE and SELECT when it is not the one that sets up. Default: none. */
  readonly workerRole?: string;
  /** Makes the slot when the role that sets up lacks REPLICATION. Default: the client that sets up. */
  readonly slotClient?: ClientBase;
  /** How long the slot may wait for open transactions. Default 60 000. */
  readonly slotTimeoutMs?: number;
  readonly limits?: LockLimits;
}

export interface SetupResult {
  /** What was done, one sentence each; empty when everything was in place. */
  readonly done: readonly string[];
  /** As the preflight resolved them. */
  readonly catalogue: Catalogue;
  readonly tables: readonly PreflightTable[];
  readonly slot: {
    readonly name: string;
    readonly isNew: boolean;
    /** Only for a new slot: every transaction that commits after it is streamed. */
    readonly consistentPoint: Lsn | null;
    /** `system identifier/timeline` of the source. */
    readonly history: string;
  };
}

const DEFAULT_SLOT_TIMEOUT_MS = 60_000;

/**
 * Prepares OperationsDB: origin triggers, publication and grants in one transaction, then the slot. Idempotent.
 * A source is never left half changed: when the slot cannot be made, what this call did is undone.
 * @param client connected as the tables' owner, outside a transaction
 * @throws {ConfigError} with every problem of the catalogue, before anything is changed
 * @throws {SourceBusyError} when long transactions leave no gap; nothing was changed
 */
export async function setupSource(client: ClientBase, options: SetupOptions): Promise<SetupResult> {
  const { catalogue, tables, problems } = await preflight(client, options.catalogue, { before: 'setup' });
  if (problems.length > 0) throw problemsError(problems);
  const { publication, slot: name } = catalogue.source;
  const { provenance, workerRole = null } = options;
  await requireRole(client, workerRole);
  const slot = { name, history: await readSourceHistory(client) };
  const steps = await changeOrExplain(client, { publication, tables, provenance, workerRole }, options.limits);
  const done = steps.flatMap(({ words }) => words ?? []);
  if (await readSlot(client, name)) {
    return { done, catalogue, tables, slot: { ...slot, isNew: false, consistentPoint: null } };
  }
  const consistentPoint = await makeSlot(client, name, { options, steps });
  const isNew = consistentPoint !== null;
  const all = isNew ? [...done, `made replication slot ${name}`] : done;
  return { done: all, catalogue, tables, slot: { ...slot, isNew, consistentPoint } };
}

async function requireRole(client: ClientBase, role: string | null): Promise<void> {
  if (role === null) return;
  const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) throw new ConfigError(`OperationsDB  role "${role}" does not exist; CREATE ROLE it first`);
}

const PERMISSION_DENIED = '42501';

async function changeOrExplain(client: ClientBase, goal: SetupGoal, limits?: LockLimits): Promise<readonly Step[]> {
  try {
    return await change(client, goal, limits);
  } catch (error) {
    if ((error as { code?: string }).code !== PERMISSION_DENIED) throw error;
    const fix = 'set OPERATIONS_SETUP_DATABASE_URL to the role that owns the tables and the database';
    throw new ConfigError(`OperationsDB  this role may not set up (${messageOf(error)}); ${fix}`, { cause: error });
  }
}

function change(client: ClientBase, goal: SetupGoal, limits: LockLimits = {}): Promise<readonly Step[]> {
  const { publication, provenance, tables, workerRole } = goal;
  const query = {
    publication,
    provenanceSchema: provenance.schema,
    tables: tables.map(({ table }) => table),
    workerRole,
  };
  return shortTransaction(
    client,
    async (lock) => {
      await client.query(`SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('astro.setup', 0))`);
      const steps = planSetup(await readSourceState(client, query), goal);
      for (const { sql } of steps.filter(({ locks }) => locks === null)) await runAll(client, sql);
      const locking = steps.filter(({ locks }) => locks !== null);
      // Last, so that the application's writes wait for nothing but the triggers themselves.
      await lock(locksOf(locking), 'SHARE ROW EXCLUSIVE');
      for (const { sql } of locking) await runAll(client, sql);
      return steps;
    },
    limits,
  );
}

function locksOf(steps: readonly Step[]): readonly TableRef[] {
  return steps.flatMap(({ locks }) => locks ?? []);
}

async function runAll(client: ClientBase, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}

interface SlotScope {
  readonly options: SetupOptions;
  readonly steps: readonly Step[];
}

async function makeSlot(client: ClientBase, name: string, { options, steps }: SlotScope): Promise<Lsn | null> {
  const { slotClient = client, slotTimeoutMs = DEFAULT_SLOT_TIMEOUT_MS } = options;
  try {
    return await createSlot(slotClient, name, slotTimeoutMs);
  } catch (error) {
    await undo(client, steps, { limits: options.limits ?? {}, cause: error });
    throw error;
  }
}

async function undo(
  client: ClientBase,
  steps: readonly Step[],
  { limits, cause }: { limits: LockLimits; cause: unknown },
): Promise<void> {
  const statements = [...steps].reverse().flatMap(({ undoSql }) => undoSql);
  if (statements.length === 0) return;
  try {
    await shortTransaction(
      client,
      async (lock) => {
        await lock(locksOf(steps), 'ACCESS EXCLUSIVE');
        await runAll(client, statements);
      },
      limits,
    );
  } catch (error) {
    throw new ConfigError(
      `OperationsDB  set-up failed (${messageOf(cause)}) and could not be undone (${messageOf(error)}); ` +
        'run: npm run sync -- teardown',
      { cause },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
