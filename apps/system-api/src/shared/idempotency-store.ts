import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ApiProblem } from './api-problem.js';
import { Connections } from './connections.js';

/** How long an answer is remembered. */
const KEEP = '24 hours';
/** A request that has not ended by then died with its server; the key may be used again. */
const GIVE_UP = '10 minutes';

export interface KeyedRequest {
  /** Whose key this is: keys of different callers never meet. */
  readonly caller: string;
  readonly key: string;
  /** Method and path. */
  readonly operation: string;
  readonly body: unknown;
}

export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface KeyRow {
  readonly same: boolean;
  readonly status: number | null;
  readonly answer: unknown;
}

const PRUNE = `
DELETE FROM access.idempotency_keys
WHERE created_at < now() - interval '${KEEP}' OR (status IS NULL AND created_at < now() - interval '${GIVE_UP}')`;
const CLAIM = `
INSERT INTO access.idempotency_keys (caller, key, operation, body_hash) VALUES ($1, $2, $3, $4)
ON CONFLICT (caller, key) DO NOTHING`;
const LOOK = `
SELECT operation = $3 AND body_hash = $4 AS same, status, answer
FROM access.idempotency_keys WHERE caller = $1 AND key = $2`;

/** Remembers the answers of requests that carry an `Idempotency-Key`, in SystemDB, for every server alike. */
@Injectable()
export class IdempotencyStore {
  constructor(private readonly connections: Connections) {}

  /**
   * Takes the key for this request.
   * @returns the answer of the same request before; null when this is the first, which must `finish` or `release`
   * @throws {ApiProblem} 422 for another request with this key, 409 while the first is still at work
   */
  async claim(request: KeyedRequest): Promise<StoredAnswer | null> {
    const db = this.connections.systemDb;
    const values = [request.caller, request.key, request.operation, hashOf(request.body)];
    await db.query(PRUNE);
    if ((await db.query(CLAIM, values)).rowCount === 1) return null;
    const [row] = (await db.query<KeyRow>(LOOK, values)).rows;
    if (row && !row.same) {
      throw new ApiProblem(422, {
        code: 'IDEMPOTENCY_KEY_REUSED',
        detail: 'This Idempotency-Key was used for another request. Make a new key for every act.',
      });
    }
    // A row that is gone was given back this moment: its request failed, and a repeat may try.
    if (row === undefined || row.status === null) {
      throw new ApiProblem(409, {
        code: 'STILL_RUNNING',
        detail: 'The first request with this Idempotency-Key is still at work. Repeat it in a moment.',
        retryAfterS: 1,
      });
    }
    return { status: row.status, body: row.answer };
  }

  async finish({ caller, key }: KeyedRequest, { status, body }: StoredAnswer): Promise<void> {
    const sql = 'UPDATE access.idempotency_keys SET status = $3, answer = $4 WHERE caller = $1 AND key = $2';
    await this.connections.systemDb.query(sql, [caller, key, status, JSON.stringify(body ?? null)]);
  }

  /** The request failed, so nothing was done: the key may be used again. */
  async release({ caller, key }: KeyedRequest): Promise<void> {
    const sql = 'DELETE FROM access.idempotency_keys WHERE caller = $1 AND key = $2 AND status IS NULL';
    await this.connections.systemDb.query(sql, [caller, key]);
  }
}

/** The same for bodies that mean the same: the order of names does not count. */
function hashOf(body: unknown): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(sorted(body)) ?? '')
    .digest();
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(value).sort();
  return names.map((name) => [name, sorted((value as Record<string, unknown>)[name])]);
}
