import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Random } from '../generator/random.js';
import type { Writer } from './services.js';

/** What an action may choose from; new rows get ids that never were. */
export interface Choices {
  readonly random: Random;
  /** Ids that existed when the traffic began. */
  readonly launchIds: readonly [string, ...string[]];
  readonly agencyIds: readonly [string, ...string[]];
}

export interface Action {
  /** As it stands in the origin of its changes: `bookings.create`. */
  readonly name: string;
  readonly writer: Writer;
  /** How often, compared with the others of its writer's list. */
  readonly weight: number;
  /** @returns rows changed; 0 when there was nothing to do */
  readonly run: (tx: pg.ClientBase, choices: Choices) => Promise<number>;
}

/** Which statement with which values. */
export type Statement = readonly [sql: string, values: readonly unknown[]];

/** An action of one statement. */
export function oneStatement(statement: (choices: Choices) => Statement): Action['run'] {
  return async (tx, choices) => {
    const [sql, values] = statement(choices);
    return (await tx.query(sql, [...values])).rowCount ?? 0;
  };
}

/**
 * SQL of one row's key: the first one from `$1` on that suits, not one that another transaction works on.
 * @param what table, key and condition, such as `public.bookings`, `id`, `status = 'pending'`
 */
export function anyOne(table: string, key: string, condition = 'true'): string {
  return `(SELECT ${key} FROM ${table} WHERE ${key} >= $1 AND ${condition} ORDER BY ${key} LIMIT 1 FOR UPDATE SKIP LOCKED)`;
}

/** A place to start looking among keys that are UUIDs. */
export function somewhere(random: Random): string {
  return random.uuid();
}

export const newId: () => string = randomUUID;
