import { DocumentEncoder, encodeKey, type ByteString, type ColumnRef } from '@astro/sync-core';

const UNESCAPED: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The values of a line of PostgreSQL's COPY text format, as byte strings. */
export function copyValues(line: string): (string | null)[] {
  const values: (string | null)[] = line.split('\t');
  if (!line.includes('\\')) return values;
  return values.map((value) => (value === '\\N' ? null : unescape(value as string)));
}

function unescape(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\(.)/g, (_match, character: string) => UNESCAPED[character] ?? character);
}

/** Turns lines of one table into keys and documents. */
export class CopyLineDecoder {
  private readonly encoder: DocumentEncoder<ByteString>;
  private readonly keyIndexes: readonly number[];
  private readonly chosen: readonly number[] | null;

  /** @param columns the document's columns; null: all */
  constructor(described: readonly ColumnRef[], keyColumns: readonly string[], columns: readonly string[] | null) {
    this.keyIndexes = keyColumns.map((name) => described.findIndex((column) => column.name === name));
    this.chosen =
      columns === null ? null : described.flatMap((column, i) => (columns.includes(column.name) ? [i] : []));
    this.encoder = DocumentEncoder.forBytes(this.chosen?.map((i) => described[i] as ColumnRef) ?? described);
  }

  decode(line: string): { key: ByteString; document: ByteString } {
    const values = copyValues(line);
    const document = this.encoder.encode(this.chosen?.map((i) => values[i]) ?? values);
    return { key: this.keyOf(values), document };
  }

  key(line: string): ByteString {
    return this.keyOf(copyValues(line));
  }

  private keyOf(values: readonly (string | null)[]): ByteString {
    return encodeKey(this.keyIndexes.map((i) => values[i] as string)) as ByteString;
  }
}
