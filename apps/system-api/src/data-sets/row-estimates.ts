import { Inject, Injectable } from '@nestjs/common';
import { type ClientBase, type Pool } from 'pg';
import { type RowCount } from '@astro/contracts';
import { type Logger } from '@astro/runtime';
import { Connections } from '../shared/connections.js';
import { Kept } from '../shared/kept.js';
import { OperationsDb } from '../shared/operations-db.js';
import { LOG } from '../shared/shared.module.js';
import { type Definition } from './definition.js';

const KEEP_MS = 60_000;

export interface RowEstimates {
  readonly source: RowCount | null;
  readonly target: RowCount | null;
}

/** How many rows source and target hold, as PostgreSQL's statistics say. Null where nothing is known; never a guess. */
@Injectable()
export class RowEstimateService {
  private readonly sources: Kept<ReadonlyMap<string, number>>;
  private readonly targets: Kept<ReadonlyMap<string, number>>;

  constructor(
    connections: Connections,
    operations: OperationsDb,
    @Inject(LOG) private readonly log: Logger,
  ) {
    this.sources = new Kept(KEEP_MS, async () => (await operations.read(readEstimates)) ?? new Map());
    this.targets = new Kept(KEEP_MS, () => readEstimates(connections.systemDb));
  }

  /** Never rejects: OperationsDB may be away. */
  async of(definition: Definition | null): Promise<RowEstimates> {
    if (!definition) return { source: null, target: null };
    const [sources, targets] = await Promise.all([this.known(this.sources), this.known(this.targets)]);
    const name = ({ schema, name: table }: { schema: string; name: string }) => `${schema}.${table}`;
    if (definition.kind === 'joined') return { source: total(sources, [name(definition.root)]), target: null };
    const into = definition.tables.flatMap(({ target }) => (target ? [name(target)] : []));
    const source = total(
      sources,
      definition.tables.map((table) => name(table.source)),
    );
    return { source, target: into.length > 0 ? total(targets, into) : null };
  }

  private async known(estimates: Kept<ReadonlyMap<string, number>>): Promise<ReadonlyMap<string, number>> {
    try {
      return await estimates.get();
    } catch (error) {
      this.log.warn({ event: 'estimates.failed', err: error }, 'numbers of rows are not known');
      return new Map();
    }
  }
}

async function readEstimates(db: ClientBase | Pool): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ name: string; rows: number }>(ESTIMATES);
  return new Map(rows.map(({ name, rows: count }) => [name, count]));
}

function total(estimates: ReadonlyMap<string, number>, tables: readonly string[]): RowCount | null {
  const counts = tables.map((table) => estimates.get(table));
  if (counts.some((count) => count === undefined)) return null;
  return { rows: counts.reduce<number>((sum, count) => sum + (count ?? 0), 0), exact: false };
}

/** -1 means that a table was never analyzed: nothing is known. Partitions count for their table. */
const ESTIMATES = `
SELECT n.nspname || '.' || c.relname AS name, round(c.reltuples)::float8 AS rows
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.reltuples >= 0
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'sync', 'access')`;
