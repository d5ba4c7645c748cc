import { Injectable } from '@nestjs/common';
import { type Overview, type SeriesQuery } from '@astro/contracts';
import { DataSetsService } from '../data-sets/data-sets.service.js';
import { ReadinessService } from '../health/readiness.service.js';
import { bucketsOf, type Buckets } from '../shared/buckets.js';
import { Connections } from '../shared/connections.js';
import { Kept } from '../shared/kept.js';
import { needsAttention, verdictOf } from './attention.js';
import {
  countUnattributed,
  readActiveRuns,
  readOutcomes,
  readThroughput,
  readTopOrigins,
  readTroubledRuns,
} from './overview-sql.js';

const KEEP_MS = 1000;
const KEEP_ORIGINS_MS = 10_000;

/** The first screen: is anything wrong, and where? */
@Injectable()
export class OverviewService {
  private readonly now: Kept<Overview>;
  /** Of the default range, which nearly everybody looks at. */
  private readonly origins: Kept<Awaited<ReturnType<typeof readTopOrigins>>>;

  constructor(
    private readonly connections: Connections,
    private readonly dataSets: DataSetsService,
    private readonly readiness: ReadinessService,
  ) {
    this.now = new Kept(KEEP_MS, () => this.read({}));
    this.origins = new Kept(KEEP_ORIGINS_MS, () => readTopOrigins(connections.systemDb, bucketsOf({}, new Date())));
  }

  /** @throws {ApiProblem} 400 for a range that cannot be shown */
  overview(query: SeriesQuery): Promise<Overview> {
    return query.from === undefined && query.to === undefined ? this.now.get() : this.read(query);
  }

  private async read(query: SeriesQuery): Promise<Overview> {
    const now = new Date();
    const range = bucketsOf(query, now);
    const db = this.connections.systemDb;
    const isDefault = query.from === undefined && query.to === undefined;
    const [dataSets, status, running, troubledRuns, counted, top, series, outcomes] = await Promise.all([
      this.dataSets.list(),
      this.readiness.status(),
      readActiveRuns(db),
      readTroubledRuns(db, range),
      countUnattributed(db, range),
      isDefault ? this.origins.get() : readTopOrigins(db, range),
      readThroughput(db, range),
      readOutcomes(db, range),
    ]);
    const unattributed = { ...counted, since: range.from.toISOString() };
    const items = needsAttention({ dataSets, components: status.components, troubledRuns, unattributed });
    return {
      verdict: verdictOf(dataSets, items),
      needsAttention: items,
      running,
      throughput: { ...rangeOf(range), points: series },
      outcomes,
      freshness: dataSets.map(({ name, status: word, lagSeconds, lagTargetSeconds }) => ({
        dataSet: name,
        status: word,
        lagSeconds,
        lagTargetSeconds,
      })),
      unattributed,
      topOrigins: top.origins,
      originsSince: top.since,
      asOf: now.toISOString(),
    };
  }
}

function rangeOf({ from, to, bucketS }: Buckets) {
  return { from: from.toISOString(), to: to.toISOString(), bucketSeconds: bucketS };
}
