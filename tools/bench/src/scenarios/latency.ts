import { join } from 'node:path';
import { BenchError } from '../errors.js';
import type { Figure, Run } from '../goal.js';
import { Arrivals } from '../harness/arrivals.js';
import { checkpoint } from '../harness/databases.js';
import { checkTicketDocuments } from '../harness/fidelity.js';
import { PROGRAMS } from '../harness/paths.js';
import { Program } from '../harness/program.js';
import { withSite, type Site } from '../harness/site.js';
import { TICKETS, TICKETS_DDL, fillTickets, ticketsCatalogue } from '../harness/tickets.js';
import type { PacedWriterOptions, PacedWriterResult } from '../programs/paced-writer.js';
import { rounded } from '../report.js';
import type { BenchContext, Scenario } from '../scenario.js';
import { median, percentile } from '../statistics.js';

const ROWS = 100_000;
const PER_SECOND = 500;
const WARM_UP_SECONDS = 4;
const MEASURED_SECONDS = 12;
const CONNECTIONS = 16;
/** The writer must have kept its rate to this part. */
const RATE_KEPT = 0.98;

export const latency: Scenario = {
  name: 'latency',
  goals: [
    { name: 'latency-p50', title: latencyTitle('p50'), unit: 'ms', mustReach: 8, aim: 4, better: 'lower' },
    { name: 'latency-p99', title: latencyTitle('p99'), unit: 'ms', mustReach: 30, aim: 15, better: 'lower' },
  ],
  run: (context) =>
    withSite(context, ticketsCatalogue(), async (site) => {
      await site.operations.query(TICKETS_DDL);
      await fillTickets(site.operations, ROWS);
      await site.install();
      await site.startWorker().event('lane.copy_finished');
      const arrivals = await Arrivals.watch(context.lab, `{${TICKETS.dataSet}}:`);
      try {
        return await measure(context, site, arrivals);
      } finally {
        arrivals.close();
      }
    }),
};

function latencyTitle(part: string): string {
  return `latency: commit → readable in CacheDB at ${PER_SECOND} one-row transactions/s, ${part}`;
}

async function measure(context: BenchContext, site: Site, arrivals: Arrivals): Promise<readonly Figure[]> {
  const runs: Run[] = [];
  const transactions = PER_SECOND * (WARM_UP_SECONDS + MEASURED_SECONDS);
  for (let round = 1; round <= context.rounds; round++) {
    await checkpoint(context.lab.operations, context.lab.system);
    arrivals.clear();
    const firstId = 1 + (round - 1) * transactions;
    const writer = await write({
      url: site.operationsUrl,
      perSecond: PER_SECOND,
      transactions,
      firstId,
      connections: CONNECTIONS,
    });
    await site.wait('not every change reached CacheDB', () => Promise.resolve(arrivals.count >= transactions));
    const latenciesMs = await latencies(site, arrivals, {
      from: firstId + PER_SECOND * WARM_UP_SECONDS,
      to: firstId + transactions - 1,
    });
    await checkTicketDocuments(site, ROWS);
    const [p50Ms, p99Ms, maxMs] = [50, 99, 100].map((percent) => rounded(percentile(latenciesMs, percent)));
    const run = { p50Ms, p99Ms, maxMs, perSecond: rounded(transactions / writer.seconds) } as Run;
    context.say(`round ${round}: p50 ${p50Ms} ms, p99 ${p99Ms} ms, longest ${maxMs} ms`);
    runs.push(run);
  }
  const [p50, p99] = [runs.map((run) => Number(run.p50Ms)), runs.map((run) => Number(run.p99Ms))];
  return latency.goals.map((goal, index) => ({ goal, value: median(index === 0 ? p50 : p99), runs }));
}

/** @throws {BenchError} when the rate was not kept: its latencies would be those of a lower one */
async function write(options: PacedWriterOptions): Promise<PacedWriterResult> {
  const writer = Program.start({
    name: 'the paced writer',
    command: process.execPath,
    args: ['--import', 'tsx', join(PROGRAMS, 'paced-writer.ts'), JSON.stringify(options)],
    env: process.env,
  });
  const output = await writer.finished();
  const result = JSON.parse(output[output.length - 1] ?? '') as PacedWriterResult;
  const rate = options.transactions / result.seconds;
  if (rate >= options.perSecond * RATE_KEPT) return result;
  throw new BenchError(
    `the writer managed ${Math.round(rate)} of ${options.perSecond} transactions/s; the machine is too busy`,
  );
}

/** From the time in each row's commit record, which is before its flush, to the word of CacheDB that it was written. */
async function latencies(
  site: Site,
  arrivals: Arrivals,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly number[]> {
  const { rows } = await site.operations.query<{ id: number; ms: string }>(
    `SELECT id, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS ms FROM ${TICKETS.table}
     WHERE id BETWEEN $1 AND $2`,
    [from, to],
  );
  return rows.map(({ id, ms }) => {
    const seenAtMs = arrivals.seenAt(`{${TICKETS.dataSet}}:${id}`);
    if (seenAtMs === undefined) throw new BenchError(`nothing was heard of document ${id}`);
    return seenAtMs - Number(ms);
  });
}
