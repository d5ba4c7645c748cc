import { BenchError } from '../errors.js';
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
/** What is damaged at the end, to see that verifying finds something. */
const DAMAGED = [7, 500_000, 999_999];

export const verify: Scenario = {
  name: 'verify',
  goals: [
    {
      name: 'verify',
      title: 'verify of 1 000 000 documents in CacheDB ÷ bare COPY TO STDOUT',
      unit: 'x',
      mustReach: 3,
      aim: 1.5,
      better: 'lower',
    },
  ],
  run: (context) =>
    withSite(context, ticketsCatalogue(), async (site) => {
      await site.operations.query(TICKETS_DDL);
      await fillTickets(site.operations, ROWS);
      await site.install();
      await firstCopyMs(site, () => site.cachePosition(TICKETS.dataSet));
      await checkTicketDocuments(site, ROWS);
      site.startWorker();
      const figures = await measure(context, site);
      await requireFinds(site);
      return figures;
    }),
};

async function measure({ lab, rounds, say }: BenchContext, site: Site): Promise<readonly Figure[]> {
  const runs: Run[] = [];
  for (let round = 1; round <= rounds; round++) {
    await checkpoint(lab.operations, lab.system);
    const bare = () => bareCopyMs(site.operationsUrl, TICKETS.columns, TICKETS.table);
    const ours = () => verifiedMs(site);
    const times =
      round % 2 === 1 ? { bare: await bare(), ours: await ours() } : { ours: await ours(), bare: await bare() };
    const run = { ratio: rounded(times.ours / times.bare), oursMs: times.ours, bareMs: rounded(times.bare) };
    say(`round ${round}: ${run.oursMs} ms, bare COPY ${run.bareMs} ms`);
    runs.push(run);
  }
  return verify.goals.map((goal) => ({ goal, value: median(runs.map((run) => Number(run.ratio))), runs }));
}

/** @returns milliseconds from the first connection to the last answer, as the command says */
async function verifiedMs(site: Site): Promise<number> {
  const last = (await site.sync('verify', TICKETS.dataSet)).join('\n');
  const [, rows, same, ms] = /: (\d+) rows, (\d+) the same, .* in (\d+) ms$/.exec(last) ?? [];
  if (Number(rows) === ROWS && Number(same) === ROWS) return Number(ms);
  throw new BenchError(`verifying did not say that all ${ROWS} documents are the same: ${last}`);
}

/** @throws {BenchError} unless verifying finds exactly what is damaged now */
async function requireFinds(site: Site): Promise<void> {
  for (const id of DAMAGED) await site.cache.append(`{${TICKETS.dataSet}}:${id}`, ' ');
  await site.cache.set(`{${TICKETS.dataSet}}:0`, '{}');
  const said = await site.sync('verify', TICKETS.dataSet).then(
    (lines) => lines.join('\n'),
    (error: unknown) => String(error),
  );
  if (said.includes(` 0 missing, ${DAMAGED.length} different, 1 extra, 0 not checked`)) return;
  throw new BenchError(`verifying did not find exactly what was damaged: ${said}`);
}
