import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type PoolClient } from 'pg';
import { ApiProblem } from './api-problem.js';
import { Connections } from './connections.js';

/** How long an answer is remembered. */
const KEEP = '24 hours';
/** A request that has done nothing by then died with its server; the key may be used again. */
const GIVE_UP = '10 minutes';

export interface IdempotencyKey {
  /** Whose key this is: keys of different callers never meet. */
  readonly caller: string;
  readonly key: string;
}

export interface KeyedRequest extends IdempotencyKey {
  /** Method and path. */
  readonly operation: string;
  readonly body: unknown;
}

export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What is known of the same request before: its answer, or, where that was lost, the id of what it has started. */
export type Earlier =
  { readonly kind: 'answered'; readonly answer: StoredAnswer } | { readonly kind: 'done'; readonly doneId: string };

interface KeyRow {
  readonly same: boolean;
  readonly status: number | null;
  readonly answer: unknown;
  readonly done_id: string | null;
}

const PRUNE = `
DELETE FROM access.idempotency_keys
WHERE created_at < now() - interval '${KEEP}'
  OR (status IS NULL AND done_id IS NULL AND created_at < now() - interval '${GIVE_UP}')`;
const CLAIM = `
INSERT INTO access.idempotency_keys (caller, key, operation, body_hash) VALUES ($1, $2, $3, $4)
ON CONFLICT (caller, key) DO NOTHING`;
const LOOK = `
SELECT operation = $3 AND body_hash = $4 AS same, status, answer, done_id
FROM access.idempotency_keys WHERE caller = $1 AND key = $2`;
const BIND = `
UPDATE access.idempotency_keys SET done_id = $3
WHERE caller = $1 AND key = $2 AND done_id IS NULL AND status IS NULL`;
/** The first answer stays: a repeat may have read what was started before the first request was through. */
const FINISH = `
UPDATE access.idempotency_keys SET status = $3, answer = $4 WHERE caller = $1 AND key = $2 AND status IS NULL`;
/** Waits for the end of an act that is just being done with the key, so what was done is never forgotten. */
const RELEASE = `
DELETE FROM access.idempotency_keys WHERE caller = $1 AND key = $2 AND status IS NULL AND done_id IS NULL`;

/** Remembers the answers of requests that carry an `Idempotency-Key`, in SystemDB, for every server alike. */
@Injectable()
export class IdempotencyStore {
  constructor(private readonly connections: Connections) {}

  /**
   * Takes the key for this request.
   * @returns what is known of the same request before; null when this is the first, which must `finish` or `release`
   * @throws {ApiProblem} 422 for another request with this key, 409 while the first is still at work
   */
  async claim(request: KeyedRequest): Promise<Earlier | null> {
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
    if (row && row.status !== null) return { kind: 'answered', answer: { status: row.status, body: row.answer } };
    if (row && row.done_id !== null) return { kind: 'done', doneId: row.done_id };
    // A row that is gone was given back this moment: its request failed, and a repeat may try.
    throw stillRunning();
  }

  /**
   * Binds the key to what was started with it, in the transaction that starts it: from its commit on no repeat starts
   * it again, whatever becomes of the answer.
   * @throws {ApiProblem} 409 when the key was given up meanwhile and is no longer this request's; let it through, so
   *   that the transaction is rolled back
   */
  async bind(client: PoolClient, { caller, key }: IdempotencyKey, doneId: string): Promise<void> {
    if ((await client.query(BIND, [caller, key, doneId])).rowCount !== 1) throw stillRunning();
  }

  async finish({ caller, key }: IdempotencyKey, { status, body }: StoredAnswer): Promise<void> {
    await this.connections.systemDb.query(FINISH, [caller, key, status, JSON.stringify(body ?? null)]);
  }

  /** The request failed: the key may be used again, unless its act has been done all the same. */
  async release({ caller, key }: IdempotencyKey): Promise<void> {
    await this.connections.systemDb.query(RELEASE, [caller, key]);
  }
}

function stillRunning(): ApiProblem {
  return new ApiProblem(409, {
    code: 'STILL_RUNNING',
    detail: 'The first request with this Idempotency-Key is still at work. Repeat it in a moment.',
    retryAfterS: 1,
  });
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
