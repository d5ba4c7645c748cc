import { Escapes, type MemoryPiece, type SlabWriter } from '@astro/runtime';
import {
  formatLsn,
  isUnattributed,
  parseLsn,
  toByteString,
  type ByteRange,
  type ChangeOp,
  type LaneChange,
  type LedgerChange,
  type LedgerTransaction,
  type Lsn,
} from '@astro/sync-core';

/** Bytes that PostgreSQL's COPY text format reserves. */
const RESERVED = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const ESCAPED_BYTES = new Escapes(Array.from({ length: 256 }, (_none, byte) => ESCAPES[String.fromCharCode(byte)]));
const UNESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' };
const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const LETTER_N = 0x4e;
const ZERO = 0x30;
const POSTGRES_EPOCH_MS = 946_684_800_000n;

const OP_CODES = { insert: 'i', update: 'u', delete: 'd', truncate: 't', relation: 'r' } as const;
/** Undoes {@link OP_CODES}. */
export const OPS = Object.fromEntries(Object.entries(OP_CODES).map(([op, code]) => [code, op])) as Readonly<
  Record<string, ChangeOp>
>;

const OPS_BY_BYTE = Object.entries(OPS).reduce<ChangeOp[]>((ops, [code, op]) => {
  ops[code.charCodeAt(0)] = op;
  return ops;
}, []);

/** One field of a COPY line; works on byte strings. */
export function copyField(value: string | null): string {
  if (value === null) return '\\N';
  return RESERVED.test(value) ? value.replace(/[\\\t\n\r]/g, (byte) => ESCAPES[byte] as string) : value;
}

export const CHANGE_COLUMNS =
  'table_id, seq, commit_lsn, xid, op, bytes, created_at, key, old_key, unchanged, before, after';

/** What the changes of one transaction share, already as COPY text with the tabs around it. */
export interface ChangeContext {
  readonly position: Buffer;
  readonly createdAt: Buffer;
}

export function changeContext(commitLsn: Lsn, xid: number, { bytes }: CreatedAt): ChangeContext {
  return { position: Buffer.from(`\t${formatLsn(commitLsn)}\t${xid}\t`, 'latin1'), createdAt: bytes };
}

/** When something is put into the ledger; many transactions share it. */
export interface CreatedAt {
  readonly ms: number;
  readonly text: string;
  /** As COPY text with the tabs around it. */
  readonly bytes: Buffer;
}

export function createdAtOf(ms: number): CreatedAt {
  const text = new Date(ms).toISOString();
  return { ms, text, bytes: Buffer.from(`\t${text}\t`, 'latin1') };
}

/** Adds a change as one COPY line for `ledger_changes`. */
export function writeChangeLine(out: SlabWriter, change: LedgerChange, context: ChangeContext): void {
  const { position, createdAt } = context;
  out.addInteger(change.tableId);
  out.addByte(TAB);
  out.addInteger(change.seq);
  out.add(position, 0, position.length);
  out.addByte(OP_CODES[change.op].charCodeAt(0));
  out.addByte(TAB);
  out.addInteger(lengthOf(change.after) + lengthOf(change.before) + lengthOf(change.key));
  out.add(createdAt, 0, createdAt.length);
  writeField(out, change.bytes, change.key);
  out.addByte(TAB);
  writeField(out, change.bytes, change.oldKey);
  out.addByte(TAB);
  writeNames(out, change.unchanged);
  out.addByte(TAB);
  writeField(out, change.bytes, change.before);
  out.addByte(TAB);
  writeField(out, change.bytes, change.after);
  out.addByte(NEWLINE);
}

function lengthOf(range: ByteRange | null): number {
  return range === null ? 0 : range.end - range.start;
}

function writeNames(out: SlabWriter, names: readonly string[] | null): void {
  if (names === null) return out.addLatin1('\\N');
  const text = Buffer.from(JSON.stringify(names));
  writeField(out, text, { start: 0, end: text.length });
}

function writeField(out: SlabWriter, bytes: Buffer, range: ByteRange | null): void {
  if (range === null) return out.addLatin1('\\N');
  if (range.isPlain) out.add(bytes, range.start, range.end);
  else out.addEscaped(bytes, range, ESCAPED_BYTES);
}

/** Places in {@link CHANGE_COLUMNS}. */
const BEFORE = 10;
const AFTER = 11;
const FIELDS = 12;

/** Which of the changes are wanted, and how much of them. */
export interface WantedChanges {
  readonly tableIds: ReadonlySet<number>;
  readonly withBefore: boolean;
}

/** Undoes {@link writeChangeLine}: the changes of one transaction as a lane reads them. */
export function readChangeLines(
  { memory: bytes, start, end }: MemoryPiece,
  { tableIds, withBefore }: WantedChanges,
): LaneChange[] {
  const changes: LaneChange[] = [];
  const starts = new Int32Array(FIELDS + 1);
  let lsn: Lsn | null = null;
  for (let at = start; at < end;) {
    at = findFields(bytes, at, starts);
    const tableId = fieldInteger(bytes, starts[0] as number);
    if (!tableIds.has(tableId)) continue;
    const text = (field: number) => fieldText(bytes, starts[field] as number, (starts[field + 1] as number) - 1);
    lsn ??= parseLsn(text(2) as string);
    const unchanged = text(9);
    changes.push({
      commitLsn: lsn,
      seq: fieldInteger(bytes, starts[1] as number),
      xid: fieldInteger(bytes, starts[3] as number),
      tableId,
      op: OPS_BY_BYTE[bytes[starts[4] as number] as number] as ChangeOp,
      key: text(7) as string,
      oldKey: text(8),
      unchanged: unchanged === null ? null : (JSON.parse(unchanged) as string[]),
      before: withBefore ? text(BEFORE) : null,
      after: text(AFTER),
    });
  }
  return changes;
}

/** Notes where each field starts; `starts[i + 1] - 1` is where field `i` ends. @returns where the next line starts */
function findFields(bytes: Buffer, start: number, starts: Int32Array): number {
  let at = start;
  starts[0] = start;
  // The fields up to the rows are short: a call for each of them would take longer than looking at every byte.
  for (let field = 1; field <= BEFORE; at++) if (bytes[at] === TAB) starts[field++] = at + 1;
  starts[AFTER] = bytes.indexOf(TAB, at) + 1;
  const end = bytes.indexOf(NEWLINE, starts[AFTER]) + 1;
  starts[FIELDS] = end;
  return end;
}

/** Digits up to the tab behind them. */
function fieldInteger(bytes: Buffer, start: number): number {
  let value = 0;
  for (let at = start; bytes[at] !== TAB; at++) value = value * 10 + (bytes[at] as number) - ZERO;
  return value;
}

function fieldText(bytes: Buffer, start: number, end: number): string | null {
  if (end - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === LETTER_N) return null;
  const text = bytes.toString('utf8', start, end);
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/g, (_match, letter: string) => UNESCAPES[letter] ?? letter);
}

export const TRANSACTION_COLUMNS =
  'source_id, commit_lsn, xid, committed_at, change_count, service, "user", action, reason, correlation_id, ' +
  'observed_role, observed_application, observed_address, unattributed, created_at';

/** A transaction as one COPY line for `ledger_transactions`, as a byte string. */
export function transactionLine(sourceId: number, transaction: LedgerTransaction): string {
  const { origin, createdAt } = transaction;
  const { asserted, observed } = origin;
  const texts = [
    asserted.service,
    asserted.user,
    asserted.action,
    asserted.reason,
    asserted.correlationId,
    observed.role,
    observed.application,
    observed.address,
  ].map((text) => (text === undefined ? '\\N' : copyField(toByteString(text))));
  const head = [sourceId, formatLsn(transaction.commitLsn), transaction.xid, timestamp(transaction.committedAtUs)];
  const tail = [isUnattributed(origin) ? 't' : 'f', createdAt];
  return `${[...head, transaction.changeCount, ...texts, ...tail].join('\t')}\n`;
}

/** Microseconds since 2000-01-01 UTC as a timestamptz text, microseconds kept. */
function timestamp(us: bigint): string {
  const ms = us / 1000n + POSTGRES_EPOCH_MS;
  const micros = (us % 1000n).toString().padStart(3, '0');
  return `${new Date(Number(ms)).toISOString().slice(0, -1)}${micros}Z`;
}
