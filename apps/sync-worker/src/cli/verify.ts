import type { Difference, Verifier } from '@astro/apply';
import { loadSyncEnv } from '@astro/runtime';
import { ConfigError, tableName } from '@astro/sync-core';
import { withVerifiers } from '../engine/verifiers.js';
import type { Say } from './sync.js';

/** What is said of each data set; all of it is counted. */
const MAX_LINES = 100;

export interface VerifyOptions {
  readonly names: readonly string[];
  readonly all: boolean;
  readonly say: Say;
}

/**
 * Compares data sets with their sources while the worker goes on, and says what differs: tables, keys and fields, but no
 * values.
 * @returns true when everything was checked and is equal
 */
export async function verify(env: NodeJS.ProcessEnv, { names, all, say }: VerifyOptions): Promise<boolean> {
  const unequal = await withVerifiers(loadSyncEnv(env), async (verifiers) => {
    const chosen = all ? verifiers.names : names;
    if (chosen.length === 0) throw new ConfigError('Name the data sets to verify, or write --all');
    const found: string[] = [];
    for (const name of chosen) {
      const verifier = verifiers.open(name);
      if (!(await verifyOne(name, verifier, say).finally(() => verifier.close()))) found.push(name);
    }
    return found;
  });
  if (unequal.length > 0) say(`Not proved equal: ${unequal.join(', ')}`);
  return unequal.length === 0;
}

/** @returns true when everything was checked and is equal */
async function verifyOne(name: string, verifier: Verifier, say: Say): Promise<boolean> {
  const startedAtMs = performance.now();
  let lines = 0;
  const line = (text: string): void => {
    if (++lines <= MAX_LINES) say(`  ${text}`);
  };
  const counts = await verifier.verifyAll({
    signal: new AbortController().signal,
    onDifference: (difference) => line(sentence(difference)),
    onNotChecked: ({ table, key, message }) => line(`${tableName(table)} ${key}: not checked. ${message}`),
  });
  if (lines > MAX_LINES) say(`  … and ${lines - MAX_LINES} more`);
  const { rows, same, missing, different, extra, notChecked } = counts;
  say(
    `${name}: ${rows} rows, ${same} the same, ${missing} missing, ${different} different, ${extra} extra, ` +
      `${notChecked} not checked, in ${Math.round(performance.now() - startedAtMs)} ms`,
  );
  return missing + different + extra + notChecked === 0;
}

function sentence({ kind, table, key, fields }: Difference): string {
  const what = fields.map(({ field }) => field ?? 'the document as a whole').join(', ');
  return `${tableName(table)} ${key}: ${kind}${what === '' ? '' : ` in ${what}`}`;
}
