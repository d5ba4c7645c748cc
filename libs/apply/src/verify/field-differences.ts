import type { FieldDifference } from './model.js';

/** Longer values are cut in reports. */
const MAX_VALUE_CHARACTERS = 200;
/** Of one row. */
const MAX_FIELDS = 50;

type Fields = readonly (readonly [name: string, value: string])[];

/**
 * Which fields of two documents differ; at least one entry, because the caller has found them different. The target's
 * may hold anything: what can be read of it is compared, field by field and as JSON stands there, byte for byte.
 */
export function fieldDifferences(source: string, target: string): readonly FieldDifference[] {
  const [wanted, found] = [fieldsOf(source), fieldsOf(target)];
  if (found.length === 0) return wholeDifference(excerpt(source, target), excerpt(target, source));
  const differing = [...changed(wanted, found), ...added(wanted, found)];
  if (differing.length > 0) return differing.slice(0, MAX_FIELDS);
  const moved = found.findIndex(([name], i) => wanted[i]?.[0] !== name);
  const place = moved === -1 ? wanted.length : moved;
  const misplaced = wanted[place]?.[0] ?? found[place]?.[0] ?? null;
  return [{ field: misplaced, source: excerpt(source, target), target: excerpt(target, source) }];
}

/** A difference of whole documents, in words. */
export function wholeDifference(source: string, target: string): readonly FieldDifference[] {
  return [{ field: null, source, target }];
}

/** Two values of one column as PostgreSQL's text; null is NULL. */
export function textDifference(field: string, source: string | null, target: string | null): FieldDifference {
  const shown = (value: string | null, other: string | null): string =>
    value === null ? 'NULL' : excerpt(JSON.stringify(value), JSON.stringify(other));
  return { field, source: shown(source, target), target: shown(target, source) };
}

function boundedValue(value: string): string {
  if (value.length <= MAX_VALUE_CHARACTERS) return value;
  return `${wholeCharacters(value.slice(0, MAX_VALUE_CHARACTERS))}… (${value.length} characters)`;
}

/** Without the half of a character that a cut left at an end. */
function wholeCharacters(part: string): string {
  return part.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}

function changed(wanted: Fields, found: Fields): FieldDifference[] {
  const values = new Map(found);
  return wanted.flatMap(([field, source]) => {
    const target = values.get(field);
    if (target === source) return [];
    return [{ field, ...boundedPair(source, target ?? null) }];
  });
}

/** Fields that only the target has, or has more than once. */
function added(wanted: Fields, found: Fields): FieldDifference[] {
  const seen = new Set<string>();
  const known = new Set(wanted.map(([name]) => name));
  return found.flatMap(([field, target]) => {
    const isRepeated = seen.has(field);
    seen.add(field);
    if (known.has(field) && !isRepeated) return [];
    return [{ field, source: null, target: boundedValue(target) }];
  });
}

/** Values that differ behind the cut are cut around the place. */
function boundedPair(source: string, target: string | null): Pick<FieldDifference, 'source' | 'target'> {
  if (target === null) return { source: boundedValue(source), target: null };
  return { source: excerpt(source, target), target: excerpt(target, source) };
}

/** The part of the text where it begins to differ from the other one. */
function excerpt(text: string, other: string): string {
  let same = 0;
  while (same < text.length && text[same] === other[same]) same++;
  const start = Math.max(0, same - MAX_VALUE_CHARACTERS / 2);
  if (start === 0 || text.length <= MAX_VALUE_CHARACTERS) return boundedValue(text);
  return `… ${boundedValue(wholeCharacters(text.slice(start)))}`;
}

/** The fields of a JSON object as they stand there, white space around tokens left out; as many as can be read. */
function fieldsOf(document: string): Fields {
  const fields: [string, string][] = [];
  let at = skipSpace(document, 0);
  if (document[at] !== '{') return fields;
  at = skipSpace(document, at + 1);
  while (document[at] === '"') {
    const nameEnd = endOfString(document, at);
    const colon = skipSpace(document, nameEnd);
    if (document[colon] !== ':') break;
    const start = skipSpace(document, colon + 1);
    const end = endOfValue(document, start);
    fields.push([nameOf(document.slice(at, nameEnd)), document.slice(start, end).trimEnd()]);
    if (document[end] !== ',') break;
    at = skipSpace(document, end + 1);
  }
  return fields;
}

function nameOf(label: string): string {
  try {
    return JSON.parse(label) as string;
  } catch {
    return label;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}

/** Behind the closing quote, or the end of a text that was cut off. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return Math.min(at + 1, text.length);
}

/** At the comma or brace behind the value, or the end of a text that was cut off. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (depth === 0 && (character === ',' || character === '}')) return at;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
  }
  return text.length;
}
