import { availableParallelism } from 'node:os';
import type { Figure, Run } from '../goal.js';
import { BANK_DDL, bankCatalogue } from '../harness/bank.js';
import { requireEqual } from '../harness/fidelity.js';
import { loadMaker, type LoadMaker } from '../harness/pgbench.js';
import { withSite, type Site } from '../harness/site.js';
import { rounded } from '../report.js';
import type { BenchContext, Scenario } from '../scenario.js';
import { median } from '../statistics.js';

/**
 * Half of the cores write; the other half is for the worker and SystemDB, whose place is another machine. Else the
 * figure would say how cores are shared and not what a writer pays.
 */
const CONNECTIONS = Math.max(1, Math.floor(availableParallelism() / 2));
const SECONDS = 10;
/** A worker that has just started compiles its code beside the writer; one that serves has been at it for days. */
const WARM_UP_SECONDS = 5;
/**
 * More than elsewhere, because the machine's mood of a few seconds is in each run: single rounds differ by a tenth and
 * more. For the same reason a run with capture is held against the mean of the runs before and after it.
 */
const MIN_ROUNDS = 9;

export const writer: Scenario = {
  name: 'writer',
  goals: [
    {
      name: 'writer',
      title: 'writer: pgbench throughput with capture and provenance on ÷ off, paired',
      unit: 'x',
      mustReach: 0.93,
      aim: 0.97,
      better: 'higher',
    },
  ],
  run: (context) =>
    withSite(context, bankCatalogue(), async (site) => {
      await site.operations.query(BANK_DDL);
      await site.operations.query('VACUUM (ANALYZE)');
      return measure(context, site);
    }),
};

async function measure(context: BenchContext, site: Site): Promise<readonly Figure[]> {
  const load = loadMaker();
  const run = (seconds = SECONDS) => rate(load, { context, site, seconds });
  await run(); // fills the server's memory
  const runs: Run[] = [];
  let before = await run();
  for (let round = 1; round <= Math.max(MIN_ROUNDS, context.rounds); round++) {
    const on = await captured(site, run);
    const after = await run();
    const off = (before + after) / 2;
    before = after;
    const both = { ratio: rounded(on / off), onPerSecond: rounded(on), offPerSecond: rounded(off) };
    context.say(`round ${round}: ${both.onPerSecond}/s on, ${both.offPerSecond}/s off, ${both.ratio} (${load.name})`);
    runs.push({ ...both, writer: load.name });
  }
  return writer.goals.map((goal) => ({ goal, value: median(runs.map((both) => Number(both.ratio))), runs }));
}

interface Turn {
  readonly context: BenchContext;
  readonly site: Site;
  readonly seconds: number;
}

function rate(load: LoadMaker, { context, site, seconds }: Turn): Promise<number> {
  return load.run({ url: site.operationsUrl, caFile: context.lab.caFile, connections: CONNECTIONS, seconds });
}

/** Runs the load with triggers, slot and a worker that captures; all of it is gone afterwards. */
async function captured(site: Site, run: (seconds?: number) => Promise<number>): Promise<number> {
  await site.install();
  const before = await transferCount(site);
  await site.startWorker('capture').event('capture.streaming');
  await run(WARM_UP_SECONDS);
  const tps = await run();
  const transfers = (await transferCount(site)) - before;
  await site.wait('the ledger did not get every transaction', () => isInLedger(site, transfers));
  await site.stopWorker();
  await site.sync('teardown');
  // A later start with a new slot would rightly be called a gap.
  await site.system.query('DROP SCHEMA sync, access CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  return tps;
}

async function transferCount(site: Site): Promise<number> {
  const { rows } = await site.operations.query<{ count: string }>('SELECT count(*) FROM public.pgbench_history');
  return Number(rows[0]?.count);
}

/** @throws {BenchError} when a transaction came twice or without its origin */
async function isInLedger(site: Site, transfers: number): Promise<boolean> {
  const { rows } = await site.system.query<{ transactions: string; changes: string; known: string }>(
    `SELECT count(*) AS transactions, sum(change_count) AS changes, count(observed_role) AS known
     FROM sync.ledger_transactions WHERE change_count > 0`,
  );
  const found = rows[0];
  if (found === undefined || Number(found.transactions) < transfers) return false;
  requireEqual('the ledger', found, {
    transactions: String(transfers),
    changes: String(4 * transfers),
    known: String(transfers),
  });
  return true;
}
