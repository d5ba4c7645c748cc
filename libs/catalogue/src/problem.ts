import { ConfigError } from '@astro/sync-core';
import type { Catalogue } from './model.js';

/** A place in a file as editors count: line and column from 1. */
export interface FilePosition {
  readonly line: number;
  readonly column: number;
}

/** What the parser remembers about the file a catalogue came from. */
export interface CatalogueFile {
  readonly name: string;
  /** Positions by path, such as `dataSets.launches.reads.0.table` (see {@link positionOf}). */
  readonly positions: ReadonlyMap<string, FilePosition>;
}

export type CataloguePath = readonly (string | number)[];

/** One thing that is wrong: where, what, and how to fix it. */
export interface Problem {
  /** `file:line:column`, or the server concerned, such as `OperationsDB`. */
  readonly place: string;
  readonly dataSet: string | null;
  /** What is wrong, without a full stop. */
  readonly what: string;
  /** What to do about it, without a full stop. */
  readonly fix: string;
  /** `gap`: changes are lost already, so the data sets must be copied again; starting does no further harm. */
  readonly kind?: 'gap';
}

/** The one line that people see: `file:line:column  data set "x": what is wrong; how to fix`. */
export function formatProblem({ place, dataSet, what, fix }: Problem): string {
  const subject = dataSet === null ? '' : `data set "${dataSet}": `;
  return `${place}  ${subject}${what}; ${fix}`;
}

/** All problems in one error, a line each. */
export function problemsError(problems: readonly Problem[]): ConfigError {
  return new ConfigError(problems.map(formatProblem).join('\n'));
}

/** The position of a path, or of the nearest part around it that the file has. */
export function positionOf(file: CatalogueFile, path: CataloguePath): FilePosition {
  for (let length = path.length; length > 0; length--) {
    const position = file.positions.get(path.slice(0, length).join('.'));
    if (position) return position;
  }
  return { line: 1, column: 1 };
}

/** A problem with a part of the catalogue; names the file's line when the catalogue came from a file. */
export function problemAt(file: CatalogueFile | undefined, path: CataloguePath, text: ProblemText): Problem {
  const dataSet = path[0] === 'dataSets' && path.length > 1 ? String(path[1]) : null;
  return { place: file ? placeOf(file, path) : 'catalogue', dataSet, ...text };
}

export type ProblemText = Pick<Problem, 'what' | 'fix'>;

function placeOf(file: CatalogueFile, path: CataloguePath): string {
  const { line, column } = positionOf(file, path);
  return `${file.name}:${line}:${column}`;
}

/** Collects problems of one catalogue so that all are reported at once. */
export class ProblemList {
  readonly problems: Problem[] = [];

  constructor(private readonly file: Catalogue['file']) {}

  /** Adds a problem at a path of the catalogue. */
  at(path: CataloguePath, what: string, fix: string): void {
    this.problems.push(problemAt(this.file, path, { what, fix }));
  }

  /** Adds problems that were found elsewhere. */
  add(problems: readonly Problem[]): void {
    this.problems.push(...problems);
  }
}
