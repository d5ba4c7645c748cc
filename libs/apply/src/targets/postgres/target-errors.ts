import { DatabaseError } from 'pg';
import { ConfigError, PoisonError, tableName } from '@astro/sync-core';
import { isTransientPostgresError } from '@astro/runtime';
import { missing, type PostgresTargetTable } from './table-shape.js';

const UNIQUE_VIOLATION = '23505';
const EXCLUSION_VIOLATION = '23P01';
const FOREIGN_KEY_VIOLATION = '23503';
/** Undefined schema, table and column. */
const MISSING = new Set(['3F000', '42P01', '42703', '42P10']);
const NOT_PERMITTED = '42501';
/** Values and constraints; types and names; limits such as the size of an index entry; errors raised by triggers. */
const POISON_CLASSES = new Set(['21', '22', '23', '42', '44', '54', 'P0']);
const POISON_STATES = new Set(['428C9', '0A000']);

/** What to do about a constraint. */
const ADVICE: Readonly<Record<string, string>> = {
  [UNIQUE_VIOLATION]:
    'Another row of the target holds this value; correct that row, or make the constraint DEFERRABLE.',
  [EXCLUSION_VIOLATION]:
    'Another row of the target is in the way; correct that row, or make the constraint DEFERRABLE.',
  [FOREIGN_KEY_VIOLATION]: 'Put both tables into one data set, or make the constraint DEFERRABLE.',
};
const OTHER_ADVICE = 'Correct the row in the source, or change the target table so that it takes the value.';

/**
 * An error of a statement on `table` as the callers of a target know it: {@link ConfigError} when something is not
 * there or not allowed, {@link PoisonError} for data that cannot be written, else the error itself (transient).
 * PostgreSQL's own error is the cause; its detail, which holds values, stays out of the message.
 */
export function toTargetError(error: unknown, table: Pick<PostgresTargetTable, 'target'>): unknown {
  if (!(error instanceof DatabaseError) || isTransientPostgresError(error)) return error;
  const code = error.code ?? '';
  const name = tableName(table.target);
  if (MISSING.has(code)) return missing(table, `does not have what is needed (${error.message})`);
  if (code === NOT_PERMITTED) {
    return new ConfigError(
      `The role of this service may not write ${name}: ${error.message}. Grant it, or run \`npm run sync -- setup\`.`,
      {
        cause: error,
      },
    );
  }
  if (!POISON_CLASSES.has(code.slice(0, 2)) && !POISON_STATES.has(code)) return error;
  const constraint = error.constraint ? ` (constraint "${error.constraint}")` : '';
  const where = error.table && error.schema ? tableName({ schema: error.schema, name: error.table }) : name;
  const message = `${where} did not take a row${constraint}: ${error.message}. ${ADVICE[code] ?? OTHER_ADVICE}`;
  return new PoisonError(message, { cause: error });
}

/** True when another order of the same statements may succeed: rows of the batch were in each other's way. */
export function isOrderConflict(error: unknown): boolean {
  return isUniqueConflict(error) || causeCode(error) === FOREIGN_KEY_VIOLATION;
}

/** True when a row has a value that another row must not have too. */
export function isUniqueConflict(error: unknown): boolean {
  const code = causeCode(error);
  return code === UNIQUE_VIOLATION || code === EXCLUSION_VIOLATION;
}

function causeCode(error: unknown): string | undefined {
  return error instanceof PoisonError && error.cause instanceof DatabaseError ? error.cause.code : undefined;
}
