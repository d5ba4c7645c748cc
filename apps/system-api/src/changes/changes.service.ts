import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type Change, type ChangeDetail, type ChangeList, type ChangeQuery } from '@astro/contracts';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { decodeCursor, encodeCursor } from '../shared/cursor.js';
import { changedFields, parseImage } from './changed-fields.js';
import { OP_LETTERS, toChange, unchangedOf, type ChangeRow } from './change-row.js';
import { type LedgerLane } from './ledger-lanes.js';
import { searchLedger, type SearchRequest, type SearchResult, type SearchStart } from './ledger-search.js';
import { changeStatement, type ChangePlace, type LedgerFilter } from './ledger-sql.js';

const LANES_PER_CHANGE = 4096n;

/** Answers questions about the ledger: who changed what, when, and whether it has arrived. */
@Injectable()
export class ChangesService {
  constructor(private readonly connections: Connections) {}

  async list(query: ChangeQuery): Promise<ChangeList> {
    if (query.cursor !== undefined && query.after !== undefined) {
      throw new ApiProblem(400, { code: 'INVALID_REQUEST', detail: 'Give either cursor or after, not both.' });
    }
    const after = query.after === undefined ? null : placeOf(query.after);
    const found = await this.search({
      filter: (lanes) => ledgerFilter(query, lanes),
      limit: query.limit,
      start: query.cursor === undefined ? null : startOf(query.cursor),
      after,
      from: query.from === undefined ? null : new Date(query.from),
      to: query.to === undefined ? null : new Date(query.to),
    });
    return listOf(found, query);
  }

  /** A search for those who know what they want; one row more than the limit when there are more. */
  search(request: SearchRequest): Promise<SearchResult> {
    return searchLedger(this.connections.systemDb, request);
  }

  /** @throws {ApiProblem} 404 when there is no such change, or it is older than the ledger's retention */
  async one(id: string): Promise<ChangeDetail> {
    const number = BigInt(id);
    const { text, values } = changeStatement(String(number / LANES_PER_CHANGE), Number(number % LANES_PER_CHANGE));
    const { rows } = await this.connections.systemDb.query<DetailRow>(text, [...values]);
    const row = rows[0];
    if (!row) {
      const detail = `Change ${id} is not in the ledger. It may be older than what the ledger keeps.`;
      throw new ApiProblem(404, { code: 'NOT_FOUND', detail });
    }
    return detailOf(row);
  }
}

interface DetailRow extends ChangeRow {
  readonly xid: string;
  readonly change_count: number;
  readonly history: string | null;
}

function detailOf(row: DetailRow): ChangeDetail {
  const change = toChange(row);
  const unchanged = unchangedOf(row);
  const images = { op: change.op, before: parseImage(row.before), after: parseImage(row.after), unchanged };
  return {
    ...change,
    oldKey: row.old_key,
    before: images.before,
    after: images.after,
    unchanged: [...unchanged],
    fields: changedFields(images),
    transaction: { xid: row.xid, changes: row.change_count, history: row.history },
    asOf: new Date().toISOString(),
  };
}

/** Null when a name is given that the ledger does not know. */
export function ledgerFilter(query: Omit<ChangeQuery, 'limit'>, lanes: readonly LedgerLane[]): LedgerFilter | null {
  const wanted = lanes.filter(({ dataSet }) => query.dataSet === undefined || dataSet === query.dataSet);
  const tables = wanted.flatMap((lane) => lane.tables);
  const table = query.table === undefined ? undefined : tables.find(({ name }) => name === query.table);
  if (wanted.length === 0 || (query.table !== undefined && !table)) return null;
  const given = (name: 'key' | 'service' | 'user' | 'action' | 'correlationId') => query[name] ?? null;
  return {
    lanes: wanted,
    tableId: table?.tableId ?? null,
    key: given('key'),
    withTruncates: false,
    op: query.op === undefined ? null : OP_LETTERS[query.op],
    status: query.status ?? null,
    service: given('service'),
    user: given('user'),
    withoutUser: query.withoutUser === 'true',
    action: given('action'),
    correlationId: given('correlationId'),
    unattributed: query.unattributed === 'true',
    contains: null,
  };
}

function listOf({ rows, unfinished, stepMs, newest }: SearchResult, { limit, after }: ChangeQuery): ChangeList {
  const isFull = rows.length > limit;
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = isFull && last ? { at: last.created_at, place: placeOfRow(last), stepMs } : unfinished;
  return {
    items: shown.map(toChange) satisfies Change[],
    nextCursor: next && after === undefined ? encodeStart(next) : null,
    newest: newest ? encodePlace(newest) : (after ?? null),
    searchedUntil: isFull || !unfinished ? null : unfinished.at.toISOString(),
    skipped: after !== undefined && (isFull || unfinished !== null),
    asOf: new Date().toISOString(),
  };
}

function placeOfRow({ commit_lsn: lsn, seq, lane_id: lane }: ChangeRow): ChangePlace {
  return { lsn, seq, lane };
}

const ms = z.int().min(0).max(8.64e15);
const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/);
const place = [lsn, z.int().min(0).max(2_147_483_647), z.int().min(0).max(4095)] as const;
const afterCursor = z.tuple([z.literal('after'), ms, ...place]);
const timeCursor = z.tuple([z.literal('time'), ms, ms]);
const placeCursor = z.tuple([z.literal('place'), ms, ms, ...place]);

function encodePlace({ at, place: { lsn, seq, lane } }: { at: Date; place: ChangePlace }): string {
  return encodeCursor(['after', at.getTime(), lsn, seq, lane]);
}

function placeOf(cursor: string): { at: Date; place: ChangePlace } {
  const [, at, lsn, seq, lane] = decodeCursor(cursor, afterCursor);
  return { at: new Date(at), place: { lsn, seq, lane } };
}

function encodeStart({ at, place, stepMs }: SearchStart): string {
  const begin = [at.getTime(), Math.round(stepMs ?? 0)];
  return encodeCursor(place ? ['place', ...begin, place.lsn, place.seq, place.lane] : ['time', ...begin]);
}

function startOf(cursor: string): SearchStart {
  const [kind, at, stepMs, ...rest] = decodeCursor(cursor, z.union([timeCursor, placeCursor]));
  const [lsn, seq, lane] = rest;
  const place = kind === 'place' && lsn !== undefined ? { lsn, seq: seq ?? 0, lane: lane ?? 0 } : null;
  return { at: new Date(at), place, stepMs: Math.max(1, stepMs) };
}
