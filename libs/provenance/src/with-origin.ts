import { SyncError, type AssertedOrigin } from '@astro/sync-core';
import type { ClientBase, Pool, PoolClient } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { asciiClaimStatement, claimStatement, type ClaimStatement } from './claim.js';

/** `withOrigin` was given a client that is inside a transaction; it must begin its own. */
export class OpenTransactionError extends SyncError {
  readonly code = 'SYNC_OPEN_TRANSACTION';
  readonly retryable = false;
  constructor() {
    super(
      'withOrigin() begins its own transaction, but this client is inside one already. ' +
        'Give it a client outside a transaction, or claim the origin in yours with claimStatement().',
    );
  }
}

/** Everything was undone: a statement had failed, its error was caught, and the work went on as if it had not. */
export class TransactionAbortedError extends SyncError {
  readonly code = 'SYNC_TRANSACTION_ABORTED';
  readonly retryable = false;
  constructor() {
    super(
      'The transaction was rolled back at its commit because a statement in it had failed. ' +
        'Let the error of a statement pass, or put a savepoint around the statement.',
    );
  }
}

/**
 * Runs `work` in one transaction whose changes carry `origin`: who changes the data, with what and why.
 *
 * ```ts
 * await withOrigin(pool, { service: 'BookingAPI', user: id, action: 'bookings.cancel', correlationId }, (tx) =>
 *   tx.query("UPDATE bookings SET status = 'canceled' WHERE id = $1", [bookingId]),
 * );
 * ```
 *
 * Commits when `work` resolves and gives its result; rolls back when it rejects and rejects with the same error.
 * Costs one statement more than the bare transaction. Works whether or not the origin functions are installed, and
 * behind poolers that share sessions between transactions, because the claim ends with the transaction. Texts longer
 * than 500 characters are cut; a text that the database's encoding does not have is claimed in plain ASCII.
 *
 * A pool lends one client for the duration. A client must be outside a transaction. With TypeORM, `work` gets the
 * EntityManager of a `dataSource.transaction()`; use that one alone, since other managers have other connections.
 *
 * @param origin all fields optional; nothing asserted means that the changes count as unattributed
 * @throws {OpenTransactionError} when the client is inside a transaction
 * @throws {TransactionAbortedError} when `work` hid the error of a statement, so that nothing could be committed
 */
export function withOrigin<T>(target: Pool, origin: AssertedOrigin, work: (tx: PoolClient) => Promise<T>): Promise<T>;
export function withOrigin<C extends ClientBase, T>(
  target: C,
  origin: AssertedOrigin,
  work: (tx: C) => Promise<T>,
): Promise<T>;
export function withOrigin<T>(
  target: DataSource,
  origin: AssertedOrigin,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T>;
export async function withOrigin<T>(
  target: Pool | ClientBase | DataSource,
  origin: AssertedOrigin,
  work: (tx: never) => Promise<T>,
): Promise<T> {
  if (isDataSource(target)) return withManager(target, origin, work as (tx: EntityManager) => Promise<T>);
  if (isPool(target)) return withPool(target, origin, work as (tx: PoolClient) => Promise<T>);
  return withClient(target, origin, work as (tx: ClientBase) => Promise<T>);
}

function isDataSource(target: Pool | ClientBase | DataSource): target is DataSource {
  return 'transaction' in target && 'manager' in target;
}

function isPool(target: Pool | ClientBase): target is Pool {
  return 'totalCount' in target;
}

async function withPool<T>(pool: Pool, origin: AssertedOrigin, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // The pool does not listen while the client is lent; a lost connection rejects the query that runs, which tells.
  client.on('error', ignore);
  try {
    return await withClient(client, origin, work);
  } finally {
    client.off('error', ignore);
    client.release(client.getTransactionStatus() !== 'I'); // a client in an unknown state is closed, not reused
  }
}

function ignore(): void {}

async function withClient<C extends ClientBase, T>(
  client: C,
  origin: AssertedOrigin,
  work: (tx: C) => Promise<T>,
): Promise<T> {
  const status = client.getTransactionStatus();
  if (status === 'T' || status === 'E') throw new OpenTransactionError();
  try {
    await begin(client, origin);
    const result = await work(client);
    const { command } = await client.query('COMMIT');
    if (command === 'ROLLBACK') throw new TransactionAbortedError();
    return result;
  } catch (error) {
    // The first error is the one to report.
    if (client.getTransactionStatus() !== 'I') await client.query('ROLLBACK').catch(ignore);
    throw error;
  }
}

async function begin(client: ClientBase, origin: AssertedOrigin): Promise<void> {
  await client.query('BEGIN');
  try {
    await claim(client, claimStatement(origin));
  } catch (error) {
    if (!isForeignCharacter(error)) throw error;
    await client.query('ROLLBACK');
    await client.query('BEGIN');
    await claim(client, asciiClaimStatement(origin));
  }
}

async function withManager<T>(
  dataSource: DataSource,
  origin: AssertedOrigin,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  let isClaimed = false;
  const attempt = (statement: ClaimStatement) =>
    dataSource.transaction(async (manager) => {
      await manager.query(statement.text, [...statement.values]);
      isClaimed = true;
      return work(manager);
    });
  try {
    return await attempt(claimStatement(origin));
  } catch (error) {
    if (isClaimed || !isForeignCharacter(error)) throw error;
    return attempt(asciiClaimStatement(origin));
  }
}

async function claim(client: ClientBase, { text, values }: ClaimStatement): Promise<void> {
  await client.query(text, [...values]);
}

/** SQLSTATE "untranslatable character": the database's encoding does not have it. */
function isForeignCharacter(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '22P05';
}
