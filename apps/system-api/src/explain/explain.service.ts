import { Injectable } from '@nestjs/common';
import { type Change, type Explanation, type ExplainQuery, type Holding } from '@astro/contracts';
import { comparePositions, parseLsn, type Position } from '@astro/sync-core';
import { ChangesService, ledgerFilter } from '../changes/changes.service.js';
import { toChange } from '../changes/change-row.js';
import { readFacts, type DataSetFacts } from '../data-sets/data-set-facts.js';
import { standingOf } from '../data-sets/data-set-status.js';
import { parseDefinition } from '../data-sets/definition.js';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { OperationsDb } from '../shared/operations-db.js';
import { readDocument } from './document-reader.js';
import { holdingOf } from './holding.js';
import { openFailure } from './open-failure.js';
import { relatedKeys, relatedRows, type RelatedKey } from './related.js';
import { asNoRow, readJoined, readRow } from './row-reader.js';
import { nameOf, subjectOf, type Subject } from './subject.js';
import { differencesOf, sentenceOf, verdictOf, type Evidence } from './verdict.js';

const HISTORY = 50;
const HISTORY_BUDGET_MS = 80;
/** What differs is looked at again: a change may have arrived between the two looks. */
const LOOKS = 3;

interface Sides {
  readonly source: Holding;
  readonly target: Holding;
  readonly related: readonly RelatedKey[];
}

interface History {
  readonly changes: readonly Change[];
  readonly isComplete: boolean;
}

/** Why is this value here? Looks at source, ledger and target of one key. */
@Injectable()
export class ExplainService {
  constructor(
    private readonly connections: Connections,
    private readonly operations: OperationsDb,
    private readonly changes: ChangesService,
  ) {}

  /** @throws {ApiProblem} 404 for an unknown data set, 400 for a table that is not its own, 503 before a worker ran */
  async explain({ dataSet, key, table }: ExplainQuery): Promise<Explanation> {
    const subject = await this.subject(dataSet, key, table);
    for (let look = 1; ; look++) {
      const explanation = await this.look(subject);
      if (explanation.verdict !== 'differs' || look === LOOKS) return explanation;
    }
  }

  private async subject(dataSet: string, key: string, table: string | undefined): Promise<Subject> {
    const facts = await this.facts(dataSet);
    const definition = parseDefinition(facts.definition);
    if (definition) return subjectOf(definition, key, table);
    const detail = `No worker has published what data set ${dataSet} is. Start sync-worker.`;
    throw new ApiProblem(503, { code: 'DATA_SET_NOT_PUBLISHED', detail });
  }

  private async facts(dataSet: string): Promise<DataSetFacts> {
    const [facts] = await readFacts(this.connections.systemDb, dataSet);
    if (facts) return facts;
    const detail = `There is no data set ${dataSet}. GET /api/v1/data-sets lists them.`;
    throw new ApiProblem(404, { code: 'NOT_FOUND', detail });
  }

  /** The sides first: what the ledger says afterwards then covers all that could have been seen. */
  private async look(subject: Subject): Promise<Explanation> {
    const sides = await this.sides(subject);
    const [facts, history, related, failure] = await Promise.all([
      this.facts(subject.dataSet),
      this.history(subject),
      relatedRows(this.changes, subject, sides.related),
      openFailure(this.connections.systemDb, subject),
    ]);
    const known = [...history.changes, ...related.flatMap(({ changes }) => changes)];
    const evidence = { ...evidenceOf(sides, facts, known), ...(failure && { setAside: failure }) };
    return {
      dataSet: subject.dataSet,
      key: subject.key,
      table: nameOf(subject.source),
      sentence: sentenceOf(evidence),
      verdict: verdictOf(evidence),
      source: sides.source,
      target: sides.target,
      differences: evidence.differences,
      dataSetStatus: evidence.dataSetStatus,
      position: positionOf(facts),
      captured: { commitLsn: facts.captured_lsn, safeLsn: facts.safe_lsn },
      cause: evidence.cause,
      waiting: evidence.waiting,
      history: [...history.changes],
      historyComplete: history.isComplete,
      related,
      asOf: facts.now.toISOString(),
    };
  }

  private async sides(subject: Subject): Promise<Sides> {
    let related: readonly RelatedKey[] = [];
    const [source, target] = await Promise.all([
      holdingOf({ endpoint: 'operations', place: nameOf(subject.source) }, async () => {
        const look = this.operations.read(async (client) => {
          const row = await readRow(client, { ...rowOf(subject), columns: subject.columns });
          if (!subject.joined) return { value: row };
          related = await relatedKeys(client, subject, row);
          return { value: await readJoined(client, { ...subject.joined, key: subject.key }) };
        });
        return (
          (await look.catch(asNoRow)) ?? 'The API has no address of OperationsDB; set OPERATIONS_READ_DATABASE_URL.'
        );
      }),
      this.target(subject),
    ]);
    return { source, target, related };
  }

  private target(subject: Subject): Promise<Holding> {
    const { target } = subject;
    if (target.kind === 'document') {
      const place = { endpoint: 'cache', place: target.redisKey } as const;
      return holdingOf(place, () => readDocument(this.connections.cacheDb, target.redisKey));
    }
    const { schema, name: table } = target.table;
    return holdingOf({ endpoint: 'system', place: nameOf(target.table) }, async () => {
      const row = readRow(this.connections.systemDb, { ...rowOf(subject), schema, table });
      return row.then((value) => ({ value })).catch(asNoRow);
    });
  }

  private async history({ dataSet, key, source }: Subject): Promise<History> {
    const { rows, unfinished } = await this.changes.search({
      filter: (lanes) => {
        const filter = ledgerFilter({ dataSet, key, table: nameOf(source) }, lanes);
        return filter && { ...filter, withTruncates: true };
      },
      limit: HISTORY,
      start: null,
      after: null,
      from: null,
      to: null,
      budgetMs: HISTORY_BUDGET_MS,
    });
    return { changes: rows.slice(0, HISTORY).map(toChange), isComplete: rows.length <= HISTORY && !unfinished };
  }
}

function rowOf({ source, keyColumns, key, columns }: Subject) {
  return { schema: source.schema, table: source.name, keyColumns, key, columns };
}

function evidenceOf({ source, target }: Sides, facts: DataSetFacts, known: readonly Change[]): Evidence {
  const newestFirst = [...known].sort(
    (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || comparePositions(placeOf(b), placeOf(a)),
  );
  const last = newestFirst[0];
  return {
    source,
    target,
    differences: differencesOf(source.value, target.value),
    waiting: newestFirst.findLast(({ status }) => status === 'pending') ?? null,
    cause: newestFirst.find(({ status }) => status === 'completed') ?? null,
    setAside: last?.status === 'failed' ? last.error : null,
    copying: facts.state === 'copying',
    dataSetStatus: standingOf(facts).status,
  };
}

/** Transactions that were stored together have the same time. */
function placeOf({ commitLsn, seq }: Change): Position {
  return { commitLsn: parseLsn(commitLsn), seq };
}

function positionOf({ position_lsn: commitLsn, position_seq: seq, applied_at: at }: DataSetFacts) {
  return commitLsn === null ? null : { commitLsn, seq: seq ?? -1, at: at?.toISOString() ?? null };
}
