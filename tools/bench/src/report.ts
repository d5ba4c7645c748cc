import { verdict, type Figure, type Goal, type Run } from './goal.js';

/** The JSON file. */
export interface Report {
  readonly scenarios: readonly ScenarioReport[];
}

export interface ScenarioReport {
  readonly name: string;
  /** Null when the scenario failed; its only run then says why. */
  readonly value: number | null;
  readonly unit: string;
  readonly mustReach: number;
  readonly aim: number;
  readonly met: boolean;
  readonly runs: readonly Run[];
}

export function toReport(figures: readonly Figure[]): Report {
  const scenarios = figures.map((figure) => ({
    name: figure.goal.name,
    value: figure.value === null ? null : rounded(figure.value),
    unit: figure.goal.unit,
    mustReach: figure.goal.mustReach,
    aim: figure.goal.aim,
    met: verdict(figure) !== 'missed',
    runs: figure.problem === undefined ? figure.runs : [...figure.runs, { problem: figure.problem }],
  }));
  return { scenarios };
}

/** One line of a table: scenario, value, limit, aim, verdict. */
export type Line = readonly [title: string, value: string, mustReach: string, aim: string, verdict: string];

export const HEADINGS: Line = ['scenario', 'measured', 'must reach', 'aim', 'verdict'];

export function toLines(figures: readonly Figure[]): readonly Line[] {
  return figures.map((figure) => {
    const { goal, value, problem } = figure;
    const sign = goal.better === 'higher' ? '≥' : '≤';
    return [
      goal.title,
      value === null ? '–' : quantity(value, goal.unit),
      `${sign} ${quantity(goal.mustReach, goal.unit)}`,
      quantity(goal.aim, goal.unit),
      problem === undefined ? verdict(figure) : `failed: ${problem.split('\n', 1)[0]}`,
    ];
  });
}

/** Columns under each other, for a terminal. */
export function textTable(lines: readonly Line[]): string {
  const all = [HEADINGS, ...lines];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((line) => cell(line, column).length)));
  const row = (line: Line) =>
    widths
      .map((width, column) => cell(line, column).padEnd(width))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [row(HEADINGS), rule, ...lines.map(row)].map((text) => `${text}\n`).join('');
}

/** @param about where and when it was measured, one line */
export function markdownTable(lines: readonly Line[], about: string): string {
  const row = (line: readonly string[]) => `| ${line.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return `${about}\n\n${row(HEADINGS)}${row(HEADINGS.map(() => '---'))}${lines.map(row).join('')}`;
}

const DECIMALS: Readonly<Record<Goal['unit'], number>> = { x: 2, ms: 1, 'changes/s': 0, MB: 0, '%': 0 };

function quantity(value: number, unit: Goal['unit']): string {
  const digits = value.toFixed(DECIMALS[unit]).replace(/\B(?=(\d{3})+$)/g, unit === 'changes/s' ? ' ' : '');
  return unit === 'x' ? `${digits} ×` : `${digits} ${unit}`;
}

function cell(line: Line, column: number): string {
  return line[column] ?? '';
}

/** Enough digits to judge by, no more than were measured. */
export function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
