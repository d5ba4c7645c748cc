import { writeFileSync } from 'node:fs';
import { prepare } from '../../stack/prepare.mjs';
import { readArguments, usage, type BenchArguments } from './arguments.js';
import { describeMachine } from './machine.js';
import { verdict, type Figure } from './goal.js';
import { openLab, type Lab } from './harness/lab.js';
import { PeakMemory } from './harness/peak-memory.js';
import { markdownTable, textTable, toLines, toReport } from './report.js';
import type { BenchContext, Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios/index.js';

const NAMES = SCENARIOS.map((scenario) => scenario.name);
const startedAtMs = performance.now();

async function main(args: readonly string[]): Promise<void> {
  const chosen = readArguments(args, NAMES);
  if (chosen === null) return console.log(usage(NAMES));
  await prepare({ build: true });
  say('starting two PostgreSQL and two Redis servers');
  const lab = await openLab(say);
  const stop = () => void lab.stop().finally(() => process.exit(130));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, stop);
  let figures: readonly Figure[];
  try {
    figures = await measure(lab, chosen);
  } finally {
    await lab.stop();
  }
  write(figures, chosen);
  if (figures.some((figure) => verdict(figure) === 'missed')) process.exitCode = 1;
}

async function measure(lab: Lab, chosen: BenchArguments): Promise<readonly Figure[]> {
  const { rounds, nodeOptions } = chosen;
  const context = { lab, rounds, nodeOptions, memory: new PeakMemory() };
  const figures: Figure[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => chosen.scenarios.includes(name))) {
    context.memory.enter(scenario.name);
    figures.push(...(await figuresOf(scenario, { ...context, say: (text) => say(`${scenario.name}: ${text}`) })));
  }
  return figures;
}

/** A scenario that fails misses its goals; the others go on. */
async function figuresOf(scenario: Scenario, context: BenchContext): Promise<readonly Figure[]> {
  try {
    context.say('preparing');
    return await scenario.run(context);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    context.say(`failed: ${problem}`);
    return scenario.goals.map((goal) => ({ goal, value: null, runs: [], problem }));
  }
}

function write(figures: readonly Figure[], { jsonFile, markdownFile }: BenchArguments): void {
  const lines = toLines(figures);
  console.log(`\n${describeMachine()}\n\n${textTable(lines)}`);
  if (jsonFile !== null) writeFileSync(jsonFile, `${JSON.stringify(toReport(figures), null, 2)}\n`);
  if (markdownFile !== null) writeFileSync(markdownFile, markdownTable(lines, describeMachine()));
}

/** On the error channel, so that the table can be taken from the output. */
function say(message: string): void {
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.error(`${seconds.padStart(6)} s  ${message}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
