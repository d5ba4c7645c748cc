import type { z } from 'zod';
import { settingsAt } from './catalogue-schema.js';
import type { CataloguePath, ProblemList } from './problem.js';
import { suggest } from './suggest.js';

type Issue = z.core.$ZodIssue;

/** What to write when a required setting is missing. */
const EXAMPLES: Readonly<Record<string, string>> = {
  version: 'write version: 1',
  dataSets: 'write dataSets: with one entry per data set',
  from: 'write from: operations',
  to: 'write to: cache or to: system',
  table: 'write table: with the schema, such as public.bookings',
  cron: "write cron: '*/5 * * * *' for every five minutes",
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a map of name: value lines',
  record: 'a map of name: value lines',
  number: 'a number',
  int: 'a whole number',
};

/** Adds the findings of the schema to `list`, each in plain words. */
export function reportShape(issues: readonly Issue[], raw: unknown, list: ProblemList): void {
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') reportUnknown(issue, list);
    else reportIssue(issue, raw, list);
  }
}

function reportUnknown(issue: z.core.$ZodIssueUnrecognizedKeys, list: ProblemList): void {
  const known = settingsAt(issue.path);
  for (const key of issue.keys) {
    const meant = suggest(key, known);
    const fix = meant ? `did you mean "${meant}"?` : `use one of: ${known.join(', ')}`;
    list.at([...toPath(issue.path), key], `unknown setting "${key}"`, fix);
  }
}

function reportIssue(issue: Issue, raw: unknown, list: ProblemList): void {
  const path = toPath(issue.path);
  const name = labelOf(path);
  const value = valueAt(raw, path);
  if (value === undefined) {
    const setting = String(path.at(-1));
    list.at(path, `"${setting}" is missing`, EXAMPLES[setting] ?? 'add it');
    return;
  }
  switch (issue.code) {
    case 'invalid_type':
      return list.at(path, `${name} is ${kindOf(value)}`, `it must be ${KINDS[issue.expected] ?? issue.expected}`);
    case 'invalid_value':
      return list.at(path, `${name} is ${show(value)}`, valueFix(value, issue.values.map(String)));
    case 'too_small':
      return issue.origin === 'array'
        ? list.at(path, `${name} is empty`, 'name at least one')
        : list.at(path, `${name} is ${show(value)}`, `it must be at least ${issue.minimum}`);
    case 'too_big':
      return list.at(path, `${name} is ${show(value)}`, `it must be at most ${issue.maximum}`);
    default:
      return list.at(path, `${name} is not valid`, issue.message);
  }
}

function valueFix(value: unknown, allowed: readonly string[]): string {
  const meant = typeof value === 'string' ? suggest(value, allowed) : null;
  if (meant) return `did you mean "${meant}"?`;
  return `it must be ${allowed.join(' or ')}`;
}

/** `"mode"`, or `item 2 of "tables"`, or `the file` for the whole. */
function labelOf(path: CataloguePath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  if (typeof last === 'number') return `item ${last + 1} of ${labelOf(path.slice(0, -1))}`;
  return `"${last}"`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? 'text' : show(value);
}

function show(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 60)}"` : String(value);
}

function valueAt(raw: unknown, path: CataloguePath): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, part) ? (value as Record<string | number, unknown>)[part] : undefined;
  }
  return value;
}

function toPath(path: readonly PropertyKey[]): CataloguePath {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}
