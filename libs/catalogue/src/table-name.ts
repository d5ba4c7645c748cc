import type { TableRef } from '@astro/sync-core';

/** PostgreSQL cuts longer names off, so they could not be found. */
const MAX_NAME_BYTES = 63;
const PART = /^(?:"((?:[^"]|"")+)"|([^".]+))(\.|$)/;

export type ParsedTableName = { readonly table: TableRef } | { readonly what: string; readonly fix: string };

/**
 * Reads `schema.table`. Names are taken exactly as written, case included; only a name that holds a dot or a
 * double quote needs quotes, as in `public."Odd.Table"`, with `""` for a quote inside.
 */
export function parseTableName(text: string): ParsedTableName {
  const parts = splitParts(text.trim());
  if (parts === null || parts.length > 2) {
    return { what: `"${text}" is not a table name`, fix: 'write schema.table, with "quotes" around a name with a dot' };
  }
  const [schema, name] = parts;
  if (!schema || !name) {
    return {
      what: `"${text}" does not name its schema`,
      fix: `write it with the schema, such as public.${text.trim()}`,
    };
  }
  const tooLong = parts.find((part) => Buffer.byteLength(part) > MAX_NAME_BYTES);
  if (tooLong) return { what: `"${tooLong}" is longer than 63 bytes`, fix: 'write the name as PostgreSQL stores it' };
  return { table: { schema, name } };
}

function splitParts(text: string): readonly string[] | null {
  const parts: string[] = [];
  for (let rest = text; ;) {
    const [matched, quoted, plain, end] = PART.exec(rest) ?? [];
    if (matched === undefined) return null;
    parts.push(quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"'));
    if (end === '') return parts;
    rest = rest.slice(matched.length);
  }
}

/** The table's name as the catalogue writes it: undoes {@link parseTableName}. */
export function formatTableName(table: TableRef): string {
  return `${formatPart(table.schema)}.${formatPart(table.name)}`;
}

function formatPart(name: string): string {
  return /[".]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
