import type { Figure, Run } from '../goal.js';
import { checkTicketDocuments, checkTicketRows } from '../harness/fidelity.js';
import { withSite, type Site } from '../harness/site.js';
import { TICKETS_DDL, TICKETS, fillTickets, ticketsCatalogue } from '../harness/tickets.js';
import type { BenchContext, Scenario } from '../scenario.js';

const ROWS = 300_000;
const TO_SYSTEM = 'tickets_table';

/** Runs last: what it reports is the largest process of every scenario of this run. */
export const memory: Scenario = {
  name: 'memory',
  goals: [
    {
      name: 'memory',
      title: 'peak memory of any of our processes, also in one 300 000-row transaction',
      unit: 'MB',
      mustReach: 300,
      aim: 200,
      better: 'lower',
    },
  ],
  run: (context) =>
    withSite(context, ticketsCatalogue([{ to: 'cache' }, { to: 'system', dataSet: TO_SYSTEM }]), async (site) => {
      await site.operations.query(TICKETS_DDL);
      await site.system.query(TICKETS_DDL);
      await fillTickets(site.operations, ROWS);
      await site.install();
      await site.startWorker().event('capture.streaming');
      await applied(site, 0n);
      context.say(`changing ${ROWS} rows in one transaction`);
      await changeAll(site);
      await site.stopWorker();
      await checkTicketDocuments(site, ROWS);
      await checkTicketRows(site, site.system, ROWS);
      return largest(context);
    }),
};

async function changeAll(site: Site): Promise<void> {
  await site.operations.query('BEGIN');
  await site.operations.query(`UPDATE ${TICKETS.table} SET price = price + 1.5, paid = NOT paid`);
  const end = await site.endOfLog();
  await site.operations.query('COMMIT');
  await applied(site, end);
}

/** Waits until both targets are complete and have passed `end`. */
async function applied(site: Site, end: bigint): Promise<void> {
  await site.wait('the targets did not get the whole transaction', async () => {
    const positions = [await site.cachePosition(TICKETS.dataSet), await site.systemPosition(TO_SYSTEM)];
    return positions.every((position) => position !== undefined && !position.copying && position.lsn >= end);
  });
}

function largest({ memory: { peaks } }: BenchContext): readonly Figure[] {
  const byProgram = new Map<string, Run & { readonly megabytes: number }>();
  for (const { scenario, program, bytes } of peaks) {
    const run = { scenario, program, megabytes: Math.round(bytes / 1e6) };
    const before = byProgram.get(`${scenario} ${program}`);
    if (!before || before.megabytes < run.megabytes) byProgram.set(`${scenario} ${program}`, run);
  }
  const runs = [...byProgram.values()];
  return memory.goals.map((goal) => ({ goal, value: Math.max(...runs.map((run) => run.megabytes)), runs }));
}
