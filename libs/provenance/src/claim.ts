import type { AssertedOrigin } from '@astro/sync-core';
import { CLAIM_SETTINGS, EMITTED_SETTING, MAX_CLAIM_CHARACTERS } from './settings.js';

/** One statement for any PostgreSQL driver: texts with `$1` … and their values. */
export interface ClaimStatement {
  readonly text: string;
  readonly values: readonly string[];
}

const FIELDS = Object.keys(CLAIM_SETTINGS) as readonly (keyof AssertedOrigin)[];

/** Clearing the last setting makes a transaction that has already written write its origin again. */
const TEXT = `SELECT ${[...Object.values(CLAIM_SETTINGS), EMITTED_SETTING]
  .map((name, i) => `pg_catalog.set_config('${name}', $${i + 1}, true)`)
  .join(', ')}`;

/**
 * The statement that claims `origin` for the rest of the transaction it runs in, for drivers and query builders that
 * `withOrigin` does not know. It names all fields: those that `origin` leaves out are cleared. It needs nothing to be
 * installed, leaves nothing behind after the transaction, and takes effect with the next write.
 */
export function claimStatement(origin: AssertedOrigin): ClaimStatement {
  return { text: TEXT, values: [...FIELDS.map((field) => claimText(origin[field])), ''] };
}

/** The same in plain ASCII, for a database whose encoding does not have every character. */
export function asciiClaimStatement(origin: AssertedOrigin): ClaimStatement {
  const { text, values } = claimStatement(origin);
  return { text, values: values.map((value) => value.replace(/[^ -~]/gu, '?')) };
}

/** PostgreSQL texts cannot hold the character NUL. */
function claimText(value: string | undefined): string {
  return Array.from((value ?? '').slice(0, 2 * MAX_CLAIM_CHARACTERS).replaceAll('\0', ''))
    .slice(0, MAX_CLAIM_CHARACTERS)
    .join('');
}
