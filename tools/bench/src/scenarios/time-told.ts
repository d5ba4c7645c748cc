import { createRun, readPreview, readRun, totalDuration } from '@astro/runs';
import type { RunMode } from '@astro/contracts';
import { BenchError } from '../errors.js';
import type { Run } from '../goal.js';
import { withSite, type Site } from '../harness/site.js';
import { TICKETS_DDL } from '../harness/tickets.js';
import type { Scenario } from '../scenario.js';

/** Data sets of very different sizes: what holds for one says little about another. */
const SIZES = { handful: 300, thousands: 20_000, many: 250_000 } as const;
const RUNS = 20;
const BY = { kind: 'user', id: '1', name: 'bench' } as const;

interface Plan {
  readonly dataSet: keyof typeof SIZES;
  readonly mode: RunMode;
  /** Narrowed to so many rows; absent: all of them. */
  readonly first?: number;
}

/** The last ones say the least about themselves: the runs before them were of other sizes. */
const PLANS: readonly Plan[] = [
  { dataSet: 'handful', mode: 'full' },
  { dataSet: 'thousands', mode: 'full' },
  { dataSet: 'many', mode: 'full' },
  { dataSet: 'handful', mode: 'verify' },
  { dataSet: 'many', mode: 'verify' },
  { dataSet: 'many', mode: 'full', first: 1_000 },
  { dataSet: 'many', mode: 'verify', first: 1_000 },
];

export const timeTold: Scenario = {
  name: 'time-told',
  goals: [
    {
      name: 'time-told',
      title: `time told by a plan: share of ${RUNS} runs that took it`,
      unit: '%',
      mustReach: 80,
      aim: 95,
      better: 'higher',
    },
  ],
  run: (context) =>
    withSite(context, catalogue(), async (site) => {
      for (const [name, rows] of Object.entries(SIZES)) await fill(site, name, rows);
      await site.install();
      site.startWorker();
      await settled(site);
      for (const plan of PLANS) if (!plan.first) await planned(site, plan); // a plan tells from the runs before it
      const runs: Run[] = [];
      for (let n = 0; n < RUNS; n++) {
        const plan = PLANS[n % PLANS.length] as Plan;
        const run = await planned(site, plan);
        runs.push({ dataSet: plan.dataSet, mode: plan.mode, ...run });
        const { lowS, highS, tookS, isHeld } = run;
        context.say(
          `${plan.mode} of ${plan.dataSet}: told ${lowS} to ${highS} s, took ${tookS} s${isHeld ? '' : ', missed'}`,
        );
      }
      const held = runs.filter(({ isHeld }) => isHeld === 1).length;
      return timeTold.goals.map((goal) => ({ goal, value: (100 * held) / RUNS, runs }));
    }),
};

function catalogue(): string {
  const dataSets = Object.keys(SIZES).map(
    (name) => `  ${name}:\n    from: operations\n    to: cache\n    tables:\n      - table: public.${name}\n`,
  );
  return `version: 1\ndataSets:\n${dataSets.join('')}`;
}

async function fill({ operations }: Site, name: string, rows: number): Promise<void> {
  await operations.query(TICKETS_DDL.replaceAll('tickets', name));
  await operations.query(
    `INSERT INTO public.${name} SELECT id, md5(id::text)::uuid, 'Traveler ' || id, 100, 1, true, now(), 'note ' || id
     FROM generate_series(1, ${rows}) id`,
  );
  await operations.query(`VACUUM (ANALYZE) public.${name}`);
}

async function settled(site: Site): Promise<void> {
  const look = async () => {
    const { rows } = await site.system.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM sync.ledger_lanes WHERE active AND state = 'streaming'`,
    );
    return rows[0]?.n === Object.keys(SIZES).length;
  };
  await site.wait('the first copies did not end', look);
}

/** Makes a plan, runs it, and compares. A plan that tells no time is not held. */
async function planned(site: Site, plan: Plan) {
  const previewId = await start(site, plan, null);
  const look = async () => {
    const preview = await readPreview(site.system, previewId);
    return preview?.state === 'planned' && preview;
  };
  const { items } = await site.wait('a plan was not made', look);
  const told = totalDuration(items);
  const runId = await start(site, plan, previewId);
  const ended = async () => {
    const run = await readRun(site.system, runId);
    return run?.summary.finishedAt ? run.summary : undefined;
  };
  const { state, startedAt, finishedAt } = await site.wait('a run did not end', ended);
  if (state !== 'succeeded') throw new BenchError(`a run over ${plan.dataSet} ended as ${state}`);
  const tookS = (Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')) / 1000;
  const isHeld = told !== null && tookS >= told.lowS && tookS <= told.highS ? 1 : 0;
  const band = { lowS: told?.lowS ?? -1, highS: told?.highS ?? -1 };
  return {
    rows: plan.first ?? SIZES[plan.dataSet],
    ...band,
    tookS,
    isHeld,
    ...(await ratesOf(site, previewId, runId)),
  };
}

/** What the time of this run was told from, and what those of later ones are: rows per second, 0 where none was seen. */
async function ratesOf({ system }: Site, previewId: string, runId: string) {
  const { rows } = await system.query<{ planRate: number; ownRate: number }>(
    `SELECT coalesce((p.preview ->> 'rateRowsPerS')::float8, 0) AS "planRate",
       coalesce((i.pace ->> 'done')::float8 / nullif((i.pace ->> 'workedS')::float8, 0), 0) AS "ownRate"
     FROM sync.run_items p, sync.run_items i WHERE p.run_id = $1 AND i.run_id = $2`,
    [previewId, runId],
  );
  const { planRate = 0, ownRate = 0 } = rows[0] ?? {};
  return { planRate: Math.round(planRate), ownRate: Math.round(ownRate) };
}

async function start({ system }: Site, { dataSet, mode, first }: Plan, previewId: string | null): Promise<string> {
  const options = first ? { filter: [{ column: 'id', operator: 'le' as const, value: first }] } : {};
  await system.query('BEGIN');
  const created = await createRun(system, {
    ...{ mode, dataSets: [dataSet], options, initiator: BY, whenBusy: 'refuse' },
    ...(previewId === null ? { isPreview: true } : { previewId }),
  });
  await system.query('COMMIT');
  if (created.kind === 'created') return created.runId;
  throw new BenchError(`a run over ${dataSet} was not started: ${JSON.stringify(created)}`);
}
