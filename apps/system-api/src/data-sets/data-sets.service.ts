import { Injectable } from '@nestjs/common';
import { type DataSet, type DataSetDetail, type LastRun, type Permission, type SeriesQuery } from '@astro/contracts';
import { type Identity } from '../auth/identity.js';
import { ApiProblem } from '../shared/api-problem.js';
import { bucketsOf } from '../shared/buckets.js';
import { Connections } from '../shared/connections.js';
import { Kept } from '../shared/kept.js';
import { countPending, readFacts, type DataSetFacts, type RunFacts } from './data-set-facts.js';
import { readSeries, readSparklines } from './data-set-series.js';
import { LAG_TARGET_S, standingOf, type Standing } from './data-set-status.js';
import { parseDefinition, type Definition } from './definition.js';
import { readDetails } from './details.js';
import { RowEstimateService } from './row-estimates.js';

/** However many poll, SystemDB is asked no more often. */
const KEEP_LIST_MS = 1000;
const KEEP_SPARKLINES_MS = 60_000;

/** A data set as it stands, before the rights of a caller are known. */
export type KnownDataSet = Omit<DataSet, 'allowed'>;

/** How the data sets stand. */
@Injectable()
export class DataSetsService {
  private readonly all: Kept<readonly KnownDataSet[]>;
  private readonly sparklines: Kept<ReadonlyMap<number, (number | null)[]>>;

  constructor(
    private readonly connections: Connections,
    private readonly estimates: RowEstimateService,
  ) {
    this.all = new Kept(KEEP_LIST_MS, () => this.readAll());
    this.sparklines = new Kept(KEEP_SPARKLINES_MS, () => readSparklines(connections.systemDb));
  }

  /** Every declared data set, by name; at most a second old. */
  list(): Promise<readonly KnownDataSet[]> {
    return this.all.get();
  }

  /** @throws {ApiProblem} 404 when no such data set is declared */
  async detail(name: string, query: SeriesQuery, caller: Identity): Promise<DataSetDetail> {
    const { systemDb } = this.connections;
    const [facts] = await readFacts(systemDb, name);
    if (!facts) {
      const detail = `There is no data set ${name}. GET /api/v1/data-sets lists them.`;
      throw new ApiProblem(404, { code: 'NOT_FOUND', detail });
    }
    const [known, series, details, rows] = await Promise.all([
      this.known(facts),
      readSeries(systemDb, facts.lane_id, bucketsOf(query, facts.now)),
      readDetails(systemDb, facts),
      this.estimates.of(parseDefinition(facts.definition)),
    ]);
    const { captured, position, lagRows, setAsideKeys } = known;
    return {
      ...known,
      allowed: allowedFor(caller),
      series,
      hops: {
        source: { rows: rows.source, capturedAt: captured.at },
        queue: { pending: lagRows, oldestAt: iso(facts.pending_at) },
        target: { rows: rows.target, appliedAt: position?.at ?? null, setAsideKeys },
      },
      setAside: details.setAside,
      lastRuns: details.runs.map(toLastRun),
      asOf: facts.now.toISOString(),
    };
  }

  private async readAll(): Promise<readonly KnownDataSet[]> {
    const all = await readFacts(this.connections.systemDb);
    return Promise.all(all.map((facts) => this.known(facts)));
  }

  private async known(facts: DataSetFacts): Promise<KnownDataSet> {
    const definition = parseDefinition(facts.definition);
    const [{ source }, sparklines, lagRows] = await Promise.all([
      this.estimates.of(definition),
      this.sparklines.get(),
      this.pending(facts),
    ]);
    const standing = standingOf(facts);
    return {
      ...declared(facts, definition),
      ...stands(facts, standing),
      lagRows,
      rows: source,
      lagSparkline: sparklines.get(facts.lane_id) ?? [],
    };
  }

  /** Null where the lane has no position: then everything, or nothing, could be pending. */
  private async pending({ lane_id: laneId, pending_at: pendingAt, position_lsn: position }: DataSetFacts) {
    if (position === null) return null;
    return pendingAt ? countPending(this.connections.systemDb, laneId) : { rows: 0, exact: true };
  }
}

/** Starting and steering is for operators and admins, and for keys with the scope `sync`. */
export function allowedFor(caller: Identity): DataSet['allowed'] {
  const mayStart =
    caller.kind === 'user' ? ['operator', 'admin'].includes(caller.role) : caller.scopes.includes('sync');
  const who = caller.kind === 'user' ? 'the role operator or admin' : 'a key with the scope sync';
  const permission: Permission = mayStart ? { ok: true } : { ok: false, reason: `This needs ${who}.` };
  return { sync: permission, verify: permission, repair: permission };
}

function declared(facts: DataSetFacts, definition: Definition | null) {
  return {
    name: facts.name,
    kind: definition?.kind ?? null,
    mode: facts.job_type === 'batch' ? ('scheduled' as const) : ('live' as const),
    schedule: definition?.schedule ?? null,
    source: 'operations' as const,
    target: facts.target,
    tables: definition ? tablesOf(definition) : [],
    lagTargetSeconds: facts.job_type === 'batch' ? null : LAG_TARGET_S,
  };
}

function tablesOf(definition: Definition): DataSet['tables'] {
  const text = ({ schema, name }: { schema: string; name: string }) => `${schema}.${name}`;
  if (definition.kind === 'flat') {
    return definition.tables.map(({ source, target, keyColumns }) => ({
      table: text(source),
      keyColumns,
      role: 'rows',
      target: target && text(target),
    }));
  }
  const root = { table: text(definition.root), keyColumns: definition.keyColumns, role: 'root' as const, target: null };
  const reads = [...new Set(definition.reads.map(({ table }) => text(table)))].filter((table) => table !== root.table);
  return [root, ...reads.map((table) => ({ table, keyColumns: [], role: 'read' as const, target: null }))];
}

function stands(facts: DataSetFacts, { status, reason, lagS }: Standing) {
  const { position_lsn: commitLsn, position_seq: seq } = facts;
  return {
    status,
    statusReason: reason,
    statusSince: iso(facts.state_since),
    copying: facts.state === 'copying',
    lagSeconds: lagS,
    position: commitLsn === null ? null : { commitLsn, seq: seq ?? -1, at: iso(facts.applied_at) },
    captured: { commitLsn: facts.captured_lsn, safeLsn: facts.safe_lsn, at: iso(facts.capture_at) },
    lastRun: facts.last_run && toLastRun(facts.last_run),
    setAsideKeys: facts.set_aside,
    reportedAt: iso(facts.reported_at),
  };
}

function toLastRun(run: RunFacts): LastRun {
  return {
    id: run.id,
    mode: run.mode,
    state: run.state,
    startedBy: run.started_by,
    createdAt: new Date(run.created_at).toISOString(),
    startedAt: iso(run.started_at),
    finishedAt: iso(run.finished_at),
  };
}

function iso(time: Date | string | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
