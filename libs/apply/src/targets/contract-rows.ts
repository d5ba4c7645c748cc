import type { KeyState, RowChunk, StateMove, Target, WriteOptions } from './target.js';

/** The one table of the contract's data set. */
export const CONTRACT_TABLE_ID = 1;
/** Its columns, in attribute order: `id integer` (the key), `name text`, `note text`. */
export const CONTRACT_COLUMNS = [
  { name: 'id', typeOid: 23 },
  { name: 'name', typeOid: 25 },
  { name: 'note', typeOid: 25 },
] as const;

/** The values of one row, in the order of the columns. */
export type Row = readonly [id: number, name: string | null, note: string | null];

/** What a target holds after these rows: documents by key. */
export function rowsOf(...rows: readonly Row[]): Map<string, string> {
  return new Map(rows.map((values) => [String(values[0]), documentOf(values)]));
}

function documentOf([id, name, note]: Row): string {
  return JSON.stringify({ id, name, note });
}

export const WHOLE: WriteOptions = {
  partial: false,
  onIncomplete: () => Promise.reject(new Error('nothing is incomplete here')),
};

let lastSeq = 0;

function stateOf(id: number, document: string | null, carry: KeyState['carry']): KeyState {
  const position = { commitLsn: 1n as KeyState['position']['commitLsn'], seq: lastSeq++ };
  return { tableId: CONTRACT_TABLE_ID, key: String(id), document, carry, position };
}

export function row(...values: Row): KeyState {
  return stateOf(values[0], documentOf(values), null);
}

export function gone(id: number): KeyState {
  return stateOf(id, null, null);
}

/** A row whose `note` was not sent again. */
export function carrying(id: number, name: string, fromId: number): KeyState {
  return stateOf(id, documentOf([id, name, null]), { fromKey: String(fromId), columns: ['note'] });
}

/** Writes a whole batch that has nothing incomplete. */
export function write(target: Target, states: readonly KeyState[], move: StateMove): Promise<void> {
  return target.write({ truncated: [], states }, move, WHOLE);
}

export function writePart(target: Target, states: readonly KeyState[], move: StateMove): Promise<void> {
  return target.write({ truncated: [], states }, move, { ...WHOLE, partial: true });
}

/** Rows as a copy reads them. */
export function chunk(...rows: readonly Row[]): RowChunk {
  const lines = rows.map((values) => Buffer.from(`${copyLine(values)}\n`, 'latin1'));
  return { tableId: CONTRACT_TABLE_ID, columns: CONTRACT_COLUMNS, ...linesAsRows(lines) };
}

/** Lines of COPY text, each with its newline, as a chunk holds them. */
export function linesAsRows(lines: readonly Buffer[]): Pick<RowChunk, 'bytes' | 'rows' | 'longestRowBytes'> {
  const longestRowBytes = Math.max(0, ...lines.map(({ length }) => length));
  return { bytes: Buffer.concat(lines), rows: lines.length, longestRowBytes };
}

function copyLine(values: Row): string {
  const line = values.map((value) => (value === null ? '\\N' : copyText(String(value)))).join('\t');
  return Buffer.from(line, 'utf8').toString('latin1');
}

function copyText(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n').replace(/\r/g, '\\r');
}
