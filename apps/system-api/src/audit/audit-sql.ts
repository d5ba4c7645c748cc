import { type AuditFilter } from '@astro/contracts';

/** A part of the trail, newest first. */
export interface AuditRange {
  /** Only entries before this id; null: from the newest. */
  readonly before: string | null;
  /** Only this entry and later ones; absent: all. */
  readonly from?: string;
  readonly limit: number;
  /** Entries are found by an index and sorted, not by a walk from the newest. */
  readonly sorted?: boolean;
}

const COLUMNS = `id, "timestamp", action, entity_type, entity_id, result, details, initiator_kind, initiator_id,
  initiator_name, service, address, request_id, correlation_id`;

/** As the index of the words has it, or it would not be used. */
const WORDS = `(initiator_name || ' ' || action || ' ' || entity_type || ' ' || coalesce(entity_id, '') || ' '
  || details::text)`;

/** Has a row where that index can be used: it may come while programs run, and is of no use before it is built. */
export const WORD_INDEX = `SELECT 1 FROM pg_index
  WHERE indexrelid = to_regclass('public.entry_log_words_idx') AND indisvalid`;

type Condition = (value: string) => string;

const named: Condition = (value) => `initiator_name ILIKE '%' || ${escaped(value)} || '%'`;

/**
 * Column and comparison of each filter; the value is always a parameter. Of several comparisons one must hold, and never
 * two do: each is searched for by itself, because nobody can tell beforehand how many entries fit the one or the other.
 */
const FILTERS: Readonly<Record<keyof AuditFilter, Condition | readonly Condition[]>> = {
  actor: [
    (value) => `initiator_id = ${value}`,
    (value) => `initiator_id IS DISTINCT FROM ${value} AND ${named(value)}`,
  ],
  service: (value) => `service = ${value}`,
  action: (value) => `(action = ${value} OR action LIKE ${escaped(value)} || '.%')`,
  entityType: (value) => `entity_type = ${value}`,
  entityId: (value) => `entity_id = ${value}`,
  result: (value) => `result = ${value}`,
  from: (value) => `"timestamp" >= ${value}::timestamptz`,
  to: (value) => `"timestamp" < ${value}::timestamptz`,
  correlationId: (value) => `correlation_id = ${value}`,
  text: (value) => `${WORDS} ILIKE '%' || ${escaped(value)} || '%'`,
};

/** The parameter with the signs that LIKE takes for itself made plain. */
function escaped(parameter: string): string {
  return `regexp_replace(${parameter}, '([\\\\%_])', '\\\\\\1', 'g')`;
}

/** The statement that finds the newest entries of a range that fit every filter. */
export function auditSelect(filter: AuditFilter, range: AuditRange): { text: string; values: unknown[] } {
  const values: unknown[] = [range.limit];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const bounds = [
    ...(range.before === null ? [] : [`id < ${parameter(range.before)}::bigint`]),
    ...(range.from === undefined ? [] : [`id >= ${parameter(range.from)}::bigint`]),
  ];
  let ways: readonly (readonly string[])[] = [bounds];
  for (const [name, given] of Object.entries(FILTERS)) {
    const value = filter[name as keyof AuditFilter];
    if (value === undefined) continue;
    const place = parameter(value.replaceAll('\u0000', ''));
    ways = [given].flat().flatMap((condition) => ways.map((way) => [...way, condition(place)]));
  }
  const order = `ORDER BY ${range.sorted ? 'id + 0' : 'id'} DESC LIMIT $1`;
  const selects = ways.map((way) => {
    const where = way.length === 0 ? '' : `WHERE ${way.join(' AND ')}`;
    return `SELECT ${COLUMNS} FROM public.entry_log ${where} ${order}`;
  });
  if (selects.length === 1) return { text: selects.join(), values };
  const all = selects.map((select) => `(${select})`).join(' UNION ALL ');
  return { text: `SELECT * FROM (${all}) found ORDER BY id DESC LIMIT $1`, values };
}
