import { BenchError } from '../errors.js';
import type { Figure, Run } from '../goal.js';
import { checkpoint } from '../harness/databases.js';
import { checkTicketDocuments, checkTicketRows, requireEqual } from '../harness/fidelity.js';
import { withNative, type NativeReplica } from '../harness/native.js';
import { withSite, type Site } from '../harness/site.js';
import {
  TICKETS,
  TICKETS_DDL,
  changeProcedure,
  fillTickets,
  lastChanged,
  ticketsCatalogue,
  travelerAfter,
} from '../harness/tickets.js';
import { waitFor } from '../harness/wait-for.js';
import { rounded } from '../report.js';
import type { BenchContext, Scenario } from '../scenario.js';
import { median } from '../statistics.js';

const ROWS = 200_000;
const TRANSACTIONS = 20_000;
const ROWS_PER_TRANSACTION = 10;
/** The first ones find a machine that has not settled: the native side alone is twice as slow then. */
const MIN_ROUNDS = 5;
/** Looking more often would itself take a part of the machine from what is measured. */
const LOOK = { everyMs: 20 };
const LAST_ROW = lastChanged(TRANSACTIONS * ROWS_PER_TRANSACTION, ROWS);

export const drain: Scenario = {
  name: 'drain',
  goals: [
    {
      name: 'drain',
      title: 'drain: 200 000 updates in 20 000 transactions into CacheDB ÷ native replication',
      unit: 'x',
      mustReach: 1,
      aim: 1.5,
      better: 'higher',
    },
  ],
  run: (context) =>
    withSite(context, ticketsCatalogue(), async (site) => {
      await site.operations.query(TICKETS_DDL);
      await site.operations.query(changeProcedure(ROWS));
      await fillTickets(site.operations, ROWS);
      await site.install();
      return withNative(context.lab, site, (native) => measure(context, site, native));
    }),
};

/** Both drain the very same log of the same server, one after the other; who begins alternates. */
async function measure(context: BenchContext, site: Site, native: NativeReplica): Promise<readonly Figure[]> {
  await native.subscribe();
  await native.pause();
  await site.startWorker().event('lane.copy_finished');
  await site.stopWorker();
  const runs: Run[] = [];
  for (let round = 1; round <= Math.max(MIN_ROUNDS, context.rounds); round++) {
    context.say(`round ${round}: making ${TRANSACTIONS} transactions`);
    const end = await makeChanges(site, round);
    const times = { ours: 0, native: 0 };
    for (const side of round % 2 === 1 ? (['ours', 'native'] as const) : (['native', 'ours'] as const)) {
      await settle(context, site, native);
      times[side] = side === 'ours' ? await drainOurs(site, end) : await drainNative(native, round);
    }
    await checkRound(site, native, round);
    const rate = (ms: number) => Math.round((TRANSACTIONS * ROWS_PER_TRANSACTION) / (ms / 1000));
    const run = {
      ratio: rounded(times.native / times.ours),
      oursRowsPerSecond: rate(times.ours),
      nativeRowsPerSecond: rate(times.native),
    };
    context.say(`round ${round}: ${run.oursRowsPerSecond} rows/s, native ${run.nativeRowsPerSecond} rows/s`);
    runs.push(run);
  }
  return drain.goals.map((goal) => ({ goal, value: median(runs.map((run) => Number(run.ratio))), runs }));
}

/** @returns a position in the log that only the last transaction is behind */
async function makeChanges(site: Site, round: number): Promise<bigint> {
  const { operations } = site;
  await operations.query('SET synchronous_commit = off'); // how long this takes is not measured
  await operations.query(`CALL public.bench_change(${round}, 1, ${TRANSACTIONS - 1}, ${ROWS_PER_TRANSACTION})`);
  await operations.query('SET synchronous_commit = on');
  const end = await site.endOfLog();
  await operations.query(
    `CALL public.bench_change(${round}, ${TRANSACTIONS}, ${TRANSACTIONS}, ${ROWS_PER_TRANSACTION})`,
  );
  return end;
}

/** Housekeeping that the last run left happens now and not in the next one. */
async function settle({ lab }: BenchContext, { operations }: Site, { target }: NativeReplica): Promise<void> {
  for (const client of [operations, target]) await client.query(`VACUUM (ANALYZE) ${TICKETS.table}`);
  await checkpoint(lab.operations, lab.system);
}

async function drainOurs(site: Site, end: bigint): Promise<number> {
  const startedAtMs = await site.startWorker().event('capture.streaming');
  await site.wait(
    'CacheDB did not get the last change',
    async () => {
      const position = await site.cachePosition(TICKETS.dataSet);
      return position !== undefined && position.lsn >= end;
    },
    LOOK,
  );
  const endedAtMs = Date.now();
  await site.stopWorker();
  return endedAtMs - startedAtMs;
}

async function drainNative(native: NativeReplica, round: number): Promise<number> {
  const startedAtMs = await native.resume();
  await waitFor(
    'the native subscriber did not get the last change',
    async () => {
      const { rows } = await native.target.query<{ traveler: string }>(
        `SELECT traveler FROM ${TICKETS.table} WHERE id = ${LAST_ROW}`,
      );
      return rows[0]?.traveler === travelerAfter(LAST_ROW, round);
    },
    LOOK,
  );
  const endedAtMs = performance.now();
  await native.pause();
  return endedAtMs - startedAtMs;
}

/** Every row is equal on both sides, and the ledger holds every transaction once, with its origin. */
async function checkRound(site: Site, native: NativeReplica, round: number): Promise<void> {
  await checkTicketDocuments(site, ROWS);
  await checkTicketRows(site, native.target, ROWS);
  const last = await site.document(TICKETS.dataSet, LAST_ROW);
  if (last?.traveler !== travelerAfter(LAST_ROW, round)) throw new BenchError('the last change is not in CacheDB');
  const { rows } = await site.system.query<{ transactions: string; changes: string }>(
    `SELECT count(*) AS transactions, sum(change_count) AS changes FROM sync.ledger_transactions
     WHERE correlation_id LIKE $1 AND service = 'booking-api' AND NOT unattributed`,
    [`round-${round}-%`],
  );
  requireEqual('the ledger', rows[0], {
    transactions: String(TRANSACTIONS),
    changes: String(TRANSACTIONS * ROWS_PER_TRANSACTION),
  });
}
