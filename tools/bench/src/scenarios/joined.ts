import type { Figure, Run } from '../goal.js';
import { AGENCY, checkLaunchDocuments, fillAgency, launchesCatalogue } from '../harness/agency.js';
import { checkpoint } from '../harness/databases.js';
import { withSite, type Site } from '../harness/site.js';
import type { BenchContext, Scenario } from '../scenario.js';
import { median } from '../statistics.js';

const CHANGES = 10_000;

export const joined: Scenario = {
  name: 'joined',
  goals: [
    {
      name: 'joined',
      title: 'joined: 10 000 bookings changes onto 1 000 launches, settled',
      unit: 'changes/s',
      mustReach: 5000,
      aim: 20_000,
      better: 'higher',
    },
  ],
  run: (context) =>
    withSite(context, launchesCatalogue(), async (site) => {
      await fillAgency(site.operations);
      await site.install();
      await site.startWorker().event('lane.copy_finished');
      await site.stopWorker();
      return measure(context, site);
    }),
};

async function measure(context: BenchContext, site: Site): Promise<readonly Figure[]> {
  const runs: Run[] = [];
  for (let round = 1; round <= context.rounds; round++) {
    const end = await makeChanges(site, round);
    await checkpoint(context.lab.operations, context.lab.system);
    const startedAtMs = await site.startWorker().event('capture.streaming');
    await site.wait('the launches did not settle', async () => {
      const position = await site.cachePosition(AGENCY.dataSet);
      return position !== undefined && position.lsn >= end;
    });
    const settledMs = Date.now() - startedAtMs;
    await site.stopWorker();
    await checkLaunchDocuments(site);
    const run = { changesPerSecond: Math.round(CHANGES / (settledMs / 1000)), settledMs };
    context.say(`round ${round}: settled in ${settledMs} ms, ${run.changesPerSecond} changes/s`);
    runs.push(run);
  }
  return joined.goals.map((goal) => ({ goal, value: median(runs.map((run) => Number(run.changesPerSecond))), runs }));
}

/** Each change is a transaction. @returns a position in the log that only the last transaction is behind */
async function makeChanges(site: Site, round: number): Promise<bigint> {
  await site.operations.query('SET synchronous_commit = off'); // how long this takes is not measured
  await site.operations.query(`CALL public.bench_change_bookings(${round}, 1, ${CHANGES - 1})`);
  await site.operations.query('SET synchronous_commit = on');
  const end = await site.endOfLog();
  await site.operations.query(`CALL public.bench_change_bookings(${round}, ${CHANGES}, ${CHANGES})`);
  return end;
}
