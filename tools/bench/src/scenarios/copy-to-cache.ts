import type { Figure, Run } from '../goal.js';
import { bareCopyMs } from '../harness/bare-copy.js';
import { checkpoint } from '../harness/databases.js';
import { checkTicketDocuments } from '../harness/fidelity.js';
import { firstCopyMs } from '../harness/measured-copy.js';
import { withSite, type Site } from '../harness/site.js';
import { TICKETS, TICKETS_DDL, fillTickets, ticketsCatalogue } from '../harness/tickets.js';
import { rounded } from '../report.js';
import type { BenchContext, Scenario } from '../scenario.js';
import { median } from '../statistics.js';

const ROWS = 1_000_000;
/** Three processes share the cores to the last, so each mood of the machine is in the figure. */
const MIN_ROUNDS = 7;

export const copyToCache: Scenario = {
  name: 'copy-to-cache',
  goals: [
    {
      name: 'copy-to-cache',
      title: 'copy of 1 000 000 rows to CacheDB ÷ bare COPY TO STDOUT',
      unit: 'x',
      mustReach: 2.5,
      aim: 1.3,
      better: 'lower',
    },
  ],
  run: (context) =>
    withSite(context, ticketsCatalogue(), async (site) => {
      await site.operations.query(TICKETS_DDL);
      await fillTickets(site.operations, ROWS);
      await site.install();
      return measure(context, site);
    }),
};

async function measure(context: BenchContext, site: Site): Promise<readonly Figure[]> {
  const { lab, rounds, say } = context;
  const runs: Run[] = [];
  for (let round = 1; round <= Math.max(MIN_ROUNDS, rounds); round++) {
    await site.cache.flushall(); // a lane whose target lost everything copies anew
    await checkpoint(lab.operations, lab.system);
    const bare = () => bareCopyMs(site.operationsUrl, TICKETS.columns, TICKETS.table);
    // On both sides of ours: a machine that becomes slower or faster meanwhile changes both alike.
    const before = await bare();
    const oursMs = await firstCopyMs(site, () => site.cachePosition(TICKETS.dataSet));
    const bareMs = (before + (await bare())) / 2;
    await checkTicketDocuments(site, ROWS);
    const run = { ratio: rounded(oursMs / bareMs), oursMs, bareMs: rounded(bareMs) };
    say(`round ${round}: ${run.oursMs} ms, bare COPY ${run.bareMs} ms`);
    runs.push(run);
  }
  return copyToCache.goals.map((goal) => ({ goal, value: median(runs.map((run) => Number(run.ratio))), runs }));
}
