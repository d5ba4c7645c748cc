import { toByteString, type ByteString } from './byte-string.js';
import type { ColumnRef } from './change.js';

/**
 * The one encoding of a row as a document, used by the stream and by the copy, so that both give the same bytes (P7).
 *
 * A document is a JSON object with the columns in attribute order:
 * NULL is `null`; boolean is `true` or `false`; smallint and integer are JSON numbers; everything else is a JSON
 * string with PostgreSQL's own text, which casts back to the identical value. Numbers that a JSON reader could
 * round (bigint, numeric, float, oid) are therefore strings.
 */

/** Type written as `true` or `false`. */
export const BOOLEAN_OID = 16;
const SMALLINT_OID = 21;
const INTEGER_OID = 23;
/** Types written as JSON numbers. */
export const NUMBER_OIDS: ReadonlySet<number> = new Set([SMALLINT_OID, INTEGER_OID]);

// Every byte that JSON does not allow as it is; bytes of multi-byte UTF-8 characters are all above 0x7f.
const NEEDS_ESCAPE = /["\\]|[^ -\uffff]/;

/** A JSON string with these bytes, quotes included. */
export function jsonString(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return `"${value}"`;
  return JSON.stringify(value);
}

/** A PostgreSQL text value as JSON. */
export type ValueEncoder = (text: string) => string;

const AS_IS: ValueEncoder = (text) => text;

export function encoderFor(typeOid: number): ValueEncoder {
  if (typeOid === BOOLEAN_OID) return (text) => (text === 't' ? 'true' : 'false');
  return NUMBER_OIDS.has(typeOid) ? AS_IS : jsonString;
}

/** Encodes rows of one table. Build it once per table, not per row. */
export class DocumentEncoder<T extends string> {
  private readonly labels: readonly string[];
  private readonly encoders: readonly ValueEncoder[];

  /** @param nested columns whose text is JSON already and becomes part of the document as it is */
  private constructor(
    readonly columns: readonly ColumnRef[],
    nested: ReadonlySet<string>,
    label: (name: string) => string,
  ) {
    this.labels = columns.map((column) => `${jsonString(label(column.name))}:`);
    this.encoders = columns.map(({ name, typeOid }) => (nested.has(name) ? AS_IS : encoderFor(typeOid)));
  }

  /** For values that are byte strings. */
  static forBytes(columns: readonly ColumnRef[]): DocumentEncoder<ByteString> {
    return new DocumentEncoder<ByteString>(columns, new Set(), toByteString);
  }

  /** For values that are ordinary strings. */
  static forText(columns: readonly ColumnRef[], nested: ReadonlySet<string>): DocumentEncoder<string> {
    return new DocumentEncoder<string>(columns, nested, (name) => name);
  }

  /** @param values PostgreSQL text in the order of `columns`: null is NULL, undefined leaves the column out */
  encode(values: readonly (string | null | undefined)[]): T {
    let document = '{';
    for (let i = 0; i < this.labels.length; i++) {
      const value = values[i];
      if (value === undefined) continue;
      if (document.length > 1) document += ',';
      document += this.labels[i];
      document += value === null ? 'null' : (this.encoders[i] as ValueEncoder)(value);
    }
    return `${document}}` as T;
  }
}

/**
 * A row's key as one text: the value itself for a key of one column, a JSON array of texts for a composite key.
 * Works on byte strings and on ordinary strings alike, as long as they are not mixed.
 */
export function encodeKey<T extends string>(values: readonly T[]): T {
  if (values.length === 1) return values[0] as T;
  return `[${values.map(jsonString).join(',')}]` as T;
}

/** Undoes {@link encodeKey} for a key of `width` columns. */
export function decodeKey(key: string, width: number): readonly string[] {
  return width === 1 ? [key] : (JSON.parse(key) as string[]);
}

/** A document field as PostgreSQL text again: what {@link encoderFor} encoded. */
export function fieldText(value: string | number | boolean | null): string | null {
  if (value === null) return null;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return String(value);
}

/** One field of a document as raw JSON: the quoted name and the value, exactly as they stand there. */
export type DocumentField = readonly [label: string, value: string];

/**
 * Splits a document into its fields without interpreting them, so that joining them again gives the same bytes.
 * Expects what {@link DocumentEncoder} writes: no white space between tokens.
 */
export function splitDocument(document: string): DocumentField[] {
  const fields: DocumentField[] = [];
  let at = 1;
  while (at < document.length - 1) {
    const colon = endOfString(document, at);
    const end = endOfValue(document, colon + 1);
    fields.push([document.slice(at, colon), document.slice(colon + 1, end)]);
    at = end + 1;
  }
  return fields;
}

export function joinDocument(fields: readonly DocumentField[]): string {
  return `{${fields.map(([label, value]) => `${label}:${value}`).join(',')}}`;
}

/** Index after the closing quote of the string that starts at `start`. */
function endOfString(document: string, start: number): number {
  let at = start + 1;
  while (document[at] !== '"') at += document[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Index after the value that starts at `start`, at the comma or brace that follows it. */
function endOfValue(document: string, start: number): number {
  let depth = 0;
  let at = start;
  for (;;) {
    const character = document[at];
    if (character === undefined) return at;
    if (character === '"') {
      at = endOfString(document, at);
      continue;
    }
    if (depth === 0 && (character === ',' || character === '}')) return at;
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    at++;
  }
}
