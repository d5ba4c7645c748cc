import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BenchError } from './errors.js';

export interface BenchArguments {
  /** Names of the scenarios to run, in the order of the table. */
  readonly scenarios: readonly string[];
  readonly jsonFile: string | null;
  readonly markdownFile: string | null;
  readonly rounds: number;
  /** Options for the Node that runs the worker, such as `--cpu-prof`. */
  readonly nodeOptions: readonly string[];
}

const MIN_ROUNDS = 3;

export function usage(names: readonly string[]): string {
  return `Usage: npm run bench -- [options]

  --only <name>           one scenario; may be given several times: ${names.join(', ')}
  --json <file>           writes the figures and every run
  --markdown <file>       writes the table with machine and date
  --rounds <n>            rounds per scenario, ${MIN_ROUNDS} or more; the median counts (default ${MIN_ROUNDS})
  --node-option <option>  for the Node that runs the worker, such as --node-option=--cpu-prof; may be given several times
  --help                  shows this`;
}

/**
 * @param names of all scenarios, in the order of the table
 * @returns null when help was asked for
 * @throws {BenchError} naming the argument that is wrong
 */
export function readArguments(args: readonly string[], names: readonly string[]): BenchArguments | null {
  const values = parse(args, names);
  if (values.help) return null;
  const unknown = (values.only ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new BenchError(`There is no scenario "${unknown.join('", "')}"; choose from ${names.join(', ')}.`);
  }
  return {
    scenarios: values.only === undefined ? names : names.filter((name) => values.only?.includes(name)),
    jsonFile: writable('--json', values.json),
    markdownFile: writable('--markdown', values.markdown),
    rounds: readRounds(values.rounds),
    nodeOptions: values['node-option'] ?? [],
  };
}

function parse(args: readonly string[], names: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const texts = { type: 'string', multiple: true } as const;
    const options = { only: texts, json: text, markdown: text, rounds: text, 'node-option': texts };
    return parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean' } } }).values;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new BenchError(`${problem}\n\n${usage(names)}`, { cause: error });
  }
}

/** Said at once, and not after ten minutes of measuring. */
function writable(option: string, file: string | undefined): string | null {
  if (file === undefined) return null;
  const folder = dirname(resolve(file));
  if (existsSync(folder)) return file;
  throw new BenchError(`${option} ${file}: there is no folder ${folder}; make it first.`);
}

function readRounds(text: string | undefined): number {
  if (text === undefined) return MIN_ROUNDS;
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= MIN_ROUNDS) return rounds;
  throw new BenchError(`--rounds ${text} is not a whole number of ${MIN_ROUNDS} or more: a median needs that many.`);
}
