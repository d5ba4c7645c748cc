import { Injectable } from '@nestjs/common';
import { type PoolClient } from 'pg';
import { Connections } from '../shared/connections.js';
import { sourceOf } from '../shared/source-of.js';
import { inTransaction } from '../shared/transaction.js';
import { hashToken } from './api-key.js';

/** How one counter slows down: free tries, then a pause that doubles from one second up to a limit. */
export interface ThrottleRule {
  readonly freeTries: number;
  readonly longestPauseS: number;
  /** After this time without a try the counter starts again. */
  readonly forgetAfterS: number;
}

/**
 * Tries against one account from one address, tries from one address against any account, and tries against one
 * account from anywhere. The last one is short and spares addresses from which its owner has signed in lately, so
 * that an attacker cannot lock anybody out.
 */
export const THROTTLE_RULES = {
  pair: { freeTries: 5, longestPauseS: 300, forgetAfterS: 900 },
  source: { freeTries: 30, longestPauseS: 900, forgetAfterS: 3_600 },
  account: { freeTries: 20, longestPauseS: 60, forgetAfterS: 3_600 },
} as const satisfies Record<string, ThrottleRule>;

const KNOWN_SOURCE = '30 days';
const KEEP = '1 day';

/** @returns seconds to wait after the try with this number; 0 while tries are free */
export function pauseAfter(tries: number, { freeTries, longestPauseS }: ThrottleRule): number {
  if (tries < freeTries) return 0;
  return Math.min(2 ** Math.min(tries - freeTries, 20), longestPauseS);
}

/**
 * Counts the try before it is made, so that many at once cannot slip through; a row that is blocked stays as it is.
 * Blocks are counted from the database's clock, which all servers share.
 */
const COUNT = `
INSERT INTO access.sign_in_failures AS f (subject, failures) VALUES ($1, 1)
ON CONFLICT (subject) DO UPDATE
SET failures = CASE WHEN f.last_at < now() - make_interval(secs => $2) THEN 1 ELSE f.failures + 1 END, last_at = now()
WHERE f.blocked_until <= now()
RETURNING failures`;
const WAIT = `
SELECT greatest(1, ceil(extract(epoch FROM blocked_until - now())))::int AS seconds
FROM access.sign_in_failures WHERE subject = $1`;
const BLOCK = `
UPDATE access.sign_in_failures SET blocked_until = now() + make_interval(secs => $2) WHERE subject = $1`;
const PRUNE = `DELETE FROM access.sign_in_failures WHERE last_at < now() - interval '${KEEP}'`;
const KNOWN = `
SELECT 1 FROM access.sessions s JOIN public.users u ON u.id = s.user_id
WHERE lower(u.email) = $1 AND s.address = $2 AND s.created_at > now() - interval '${KNOWN_SOURCE}' LIMIT 1`;

export interface SignInTry {
  /** The address that was typed, in lower case. */
  readonly email: string;
  readonly address: string | null;
}

/** Slows down guessing of passwords. Its counters stand in SystemDB, so every server counts the same tries. */
@Injectable()
export class SignInThrottle {
  constructor(private readonly connections: Connections) {}

  /** @returns 0 when the try may be made, and it is counted; else the seconds to wait */
  async take(attempt: SignInTry): Promise<number> {
    const db = this.connections.systemDb;
    // Whoever guesses adds rows and never succeeds, so those that are forgotten go whenever one may be added.
    await db.query(PRUNE);
    const known = (await db.query(KNOWN, [attempt.email, attempt.address])).rowCount !== 0;
    return inTransaction(db, async (client) => {
      for (const [subject, rule] of subjectsOf(attempt)) {
        if (rule === THROTTLE_RULES.account && known) continue;
        const waitS = await this.count(client, subject, rule);
        if (waitS > 0) return waitS;
      }
      return 0;
    });
  }

  /** The try was right: forgets the failures of this account, and of the address as far as they were this one. */
  async succeeded(attempt: SignInTry): Promise<void> {
    const [[pair], [source], [account]] = subjectsOf(attempt);
    const db = this.connections.systemDb;
    await db.query('DELETE FROM access.sign_in_failures WHERE subject = ANY ($1)', [[pair, account]]);
    await db.query(
      `UPDATE access.sign_in_failures SET failures = greatest(0, failures - 1), blocked_until = '-infinity'
       WHERE subject = $1`,
      [source],
    );
  }

  private async count(client: PoolClient, subject: string, rule: ThrottleRule): Promise<number> {
    const { rows } = await client.query<{ failures: number }>(COUNT, [subject, rule.forgetAfterS]);
    if (!rows[0]) {
      const [blocked] = (await client.query<{ seconds: number }>(WAIT, [subject])).rows;
      return blocked?.seconds ?? 1;
    }
    const pauseS = pauseAfter(rows[0].failures, rule);
    if (pauseS > 0) await client.query(BLOCK, [subject, pauseS]);
    return 0;
  }
}

/** Always in this order, so that two tries never wait for each other crosswise. */
function subjectsOf({ email, address }: SignInTry) {
  // Hashed, because people type their password there by mistake.
  const account = hashToken(email).toString('base64url');
  const source = sourceOf(address);
  return [
    [`pair:${account}|${source}`, THROTTLE_RULES.pair],
    [`source:${source}`, THROTTLE_RULES.source],
    [`account:${account}`, THROTTLE_RULES.account],
  ] as const;
}
