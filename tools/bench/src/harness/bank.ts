/** The bank of pgbench's TPC-B-like transaction at scale 10: each transaction updates three rows and inserts one. */
export const BANK = { scale: 10 } as const;

const ACCOUNTS_PER_BRANCH = 100_000;
const TELLERS_PER_BRANCH = 10;

/** As pgbench makes it, with a key for the history, which else could not be captured. */
export const BANK_DDL = `
CREATE TABLE public.pgbench_branches (bid integer PRIMARY KEY, bbalance integer, filler char(88));
CREATE TABLE public.pgbench_tellers (tid integer PRIMARY KEY, bid integer, tbalance integer, filler char(84));
CREATE TABLE public.pgbench_accounts (aid integer PRIMARY KEY, bid integer, abalance integer, filler char(84));
CREATE TABLE public.pgbench_history (
  tid integer, bid integer, aid integer, delta integer, mtime timestamp, filler char(22),
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);
INSERT INTO public.pgbench_branches SELECT i, 0, '' FROM generate_series(1, ${BANK.scale}) i;
INSERT INTO public.pgbench_tellers SELECT i, 1 + (i - 1) / ${TELLERS_PER_BRANCH}, 0, ''
  FROM generate_series(1, ${BANK.scale * TELLERS_PER_BRANCH}) i;
INSERT INTO public.pgbench_accounts SELECT i, 1 + (i - 1) / ${ACCOUNTS_PER_BRANCH}, 0, ''
  FROM generate_series(1, ${BANK.scale * ACCOUNTS_PER_BRANCH}) i;`;

/** A data set for each table. */
export function bankCatalogue(): string {
  const dataSets = ['branches', 'tellers', 'accounts', 'history'].map(
    (name) => `  ${name}:\n    from: operations\n    to: cache\n    tables:\n      - public.pgbench_${name}\n`,
  );
  return `version: 1\ndataSets:\n${dataSets.join('')}`;
}

/** What a client of the TPC-B-like transaction picks at random. */
export interface Transfer {
  readonly account: number;
  readonly branch: number;
  readonly teller: number;
  readonly delta: number;
}

export function randomTransfer(): Transfer {
  const upTo = (limit: number) => 1 + Math.floor(Math.random() * limit);
  return {
    account: upTo(BANK.scale * ACCOUNTS_PER_BRANCH),
    branch: upTo(BANK.scale),
    teller: upTo(BANK.scale * TELLERS_PER_BRANCH),
    delta: upTo(10_000) - 5000,
  };
}

/** The statements that pgbench sends, one after the other. */
export function transferStatements({ account, branch, teller, delta }: Transfer): readonly string[] {
  return [
    'BEGIN',
    `UPDATE pgbench_accounts SET abalance = abalance + ${delta} WHERE aid = ${account}`,
    `SELECT abalance FROM pgbench_accounts WHERE aid = ${account}`,
    `UPDATE pgbench_tellers SET tbalance = tbalance + ${delta} WHERE tid = ${teller}`,
    `UPDATE pgbench_branches SET bbalance = bbalance + ${delta} WHERE bid = ${branch}`,
    `INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
     VALUES (${teller}, ${branch}, ${account}, ${delta}, CURRENT_TIMESTAMP)`,
    'END',
  ];
}
