import type { Figure, Run } from '../goal.js';
import { checkpoint } from '../harness/databases.js';
import { checkTicketRows } from '../harness/fidelity.js';
import { firstCopyMs } from '../harness/measured-copy.js';
import { withNative, type NativeReplica } from '../harness/native.js';
import { withSite, type Site } from '../harness/site.js';
import { TICKETS, TICKETS_DDL, fillTickets, ticketsCatalogue } from '../harness/tickets.js';
import { rounded } from '../report.js';
import type { BenchContext, Scenario } from '../scenario.js';
import { median } from '../statistics.js';

const ROWS = 1_000_000;

export const copyToSystem: Scenario = {
  name: 'copy-to-system',
  goals: [
    {
      name: 'copy-to-system',
      title: 'copy of 1 000 000 rows to a SystemDB table ÷ native initial copy',
      unit: 'x',
      mustReach: 1.5,
      aim: 1,
      better: 'lower',
    },
  ],
  run: (context) =>
    withSite(context, ticketsCatalogue([{ to: 'system' }]), async (site) => {
      await site.operations.query(TICKETS_DDL);
      await site.system.query(TICKETS_DDL);
      await fillTickets(site.operations, ROWS);
      await site.install();
      return withNative(context.lab, site, (native) => measure(context, site, native));
    }),
};

async function measure(context: BenchContext, site: Site, native: NativeReplica): Promise<readonly Figure[]> {
  const runs: Run[] = [];
  for (let round = 1; round <= context.rounds; round++) {
    const times = { ours: 0, native: 0 };
    for (const side of round % 2 === 1 ? (['native', 'ours'] as const) : (['ours', 'native'] as const)) {
      await checkpoint(context.lab.operations, context.lab.system);
      times[side] = side === 'ours' ? await copyOurs(site) : await copyNative(site, native);
    }
    const run = {
      ratio: rounded(times.ours / times.native),
      oursMs: times.ours,
      nativeMs: rounded(times.native),
    };
    context.say(`round ${round}: ${run.oursMs} ms, native ${run.nativeMs} ms`);
    runs.push(run);
  }
  return copyToSystem.goals.map((goal) => ({ goal, value: median(runs.map((run) => Number(run.ratio))), runs }));
}

async function copyOurs(site: Site): Promise<number> {
  const ms = await firstCopyMs(site, () => site.systemPosition(TICKETS.dataSet));
  await checkTicketRows(site, site.system, ROWS);
  // A lane whose target lost everything copies anew.
  await site.system.query(`TRUNCATE ${TICKETS.table}; DELETE FROM sync.target_positions`);
  return ms;
}

async function copyNative(site: Site, native: NativeReplica): Promise<number> {
  const ms = await native.subscribe();
  await checkTicketRows(site, native.target, ROWS);
  await native.unsubscribe();
  return ms;
}
