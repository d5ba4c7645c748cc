import type { ClientConfig } from 'pg';
import {
  GapError,
  OlderCatalogueError,
  SlotBusyError,
  SyncError,
  formatLsn,
  type CaptureLedger,
  type CapturePosition,
  type CapturedTable,
  type Lsn,
  type OpenedLedger,
} from '@astro/sync-core';
import { PgoutputDecoder } from '@astro/pgoutput';
import { Backoff, abortableSleep, type Logger } from '@astro/runtime';
import { Assembler } from './assembler.js';
import { SourceLook, checkContinuity } from './continuity.js';
import { Flow } from './flow.js';
import { ReplicationConnection } from './replication-connection.js';
import { SILENCE_LIMITS, SilenceWatch, type SilenceLimits } from './silence.js';

export interface CaptureDeps {
  readonly ledger: CaptureLedger;
  /** OperationsDB as the role with REPLICATION. */
  readonly connection: ClientConfig;
  readonly slot: string;
  readonly publication: string;
  readonly tables: readonly CapturedTable[];
  /** No lane applies a transaction of fewer changes, or as many, in parts. */
  readonly maxAtomicRows: number;
  readonly log: Logger;
  /** Kept up to date for health and metrics. */
  readonly status: CaptureStatus;
  /** Absent: {@link SILENCE_LIMITS}. */
  readonly silence?: SilenceLimits;
}

/** What capture is doing now; a plain record that others only read. */
export interface CaptureStatus {
  /** `outdated`: nobody reads the slot, and this worker must not. */
  phase: 'connecting' | 'standby' | 'outdated' | 'streaming' | 'gap' | 'stopped';
  detail: string;
  /** Why this worker could not take the slot over; null: it could. */
  outdated: string | null;
  storedLsn: Lsn | null;
  /** How far the source has sent. */
  receivedLsn: Lsn | null;
  storedAtMs: number;
  transactions: number;
  changes: number;
  bytes: number;
}

export function newCaptureStatus(): CaptureStatus {
  return {
    phase: 'connecting',
    detail: 'not connected yet',
    outdated: null,
    storedLsn: null,
    receivedLsn: null,
    storedAtMs: 0,
    transactions: 0,
    changes: 0,
    bytes: 0,
  };
}

const MAX_PART_BYTES = 1024 * 1024;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const REPLY_INTERVAL_MS = 1000;
const GAP_CHECK_INTERVAL_MS = 2000;
const OBJECT_IN_USE = '55006';

/** Captures the source until `signal` aborts. Rejects only with an error that no retry can mend: a wrong set-up. */
export async function capture(deps: CaptureDeps, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff({ baseMs: 100, maxMs: 5000 });
  while (!signal.aborted) {
    let delayMs: number;
    try {
      await captureOnce(deps, signal, () => backoff.reset());
      delayMs = 0;
    } catch (error) {
      if (signal.aborted) break;
      delayMs = await afterFailure(deps, error, backoff);
    }
    await abortableSleep(delayMs, signal);
  }
  deps.status.phase = 'stopped';
  await deps.ledger.close();
}

/** @returns how long to wait before the next try, in milliseconds */
async function afterFailure(deps: CaptureDeps, error: unknown, backoff: Backoff): Promise<number> {
  const { status, log, ledger } = deps;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof GapError) {
    if (status.phase !== 'gap') log.error({ event: 'capture.gap', code: error.code }, message);
    status.phase = 'gap';
    status.detail = message;
    await ledger
      .markGap(message)
      .catch((cause: unknown) => log.warn({ event: 'capture.gap_not_recorded', err: cause }));
    return GAP_CHECK_INTERVAL_MS;
  }
  await ledger.close(); // a transaction that was begun there would stand in the way of others until the next try
  if (error instanceof SyncError && !error.retryable) throw error;
  const before = status.phase;
  noteFailure(status, error, message);
  const delayMs = backoff.nextMs();
  const isKnown = status.phase === 'standby' || (status.phase === 'outdated' && status.phase === before);
  const level = isKnown ? 'debug' : 'warn';
  log[level]({ event: 'capture.retry', failures: backoff.failures, delayMs, err: error }, status.detail);
  return delayMs;
}

function noteFailure(status: CaptureStatus, error: unknown, message: string): void {
  if (error instanceof OlderCatalogueError) status.outdated = message;
  const isBusy = isSlotBusy(error);
  status.phase = isBusy ? 'standby' : error instanceof OlderCatalogueError ? 'outdated' : 'connecting';
  const busy = `another worker reads the slot; this one stands by${status.outdated ? `. ${status.outdated}` : ''}`;
  status.detail = isBusy ? busy : message;
}

/** Found in use, or taken by another worker between the look and the start. */
function isSlotBusy(error: unknown): boolean {
  return error instanceof SlotBusyError || (error as { code?: unknown }).code === OBJECT_IN_USE;
}

/**
 * One connection's life. A worker that stands by finds the slot in use before it opens the ledger, which would fence
 * out the one that reads; without the ledger nothing is streamed (W9). The source is asked again once the ledger is
 * open: until then another worker may have stored what the source wrote since the first look, which would seem to be
 * an older source.
 */
async function captureOnce(deps: CaptureDeps, signal: AbortSignal, onProgress: () => void): Promise<void> {
  const source = new SourceLook(deps.connection, deps.slot);
  try {
    await source.connect();
    await source.freeFacts();
    const opened = await deps.ledger.open(deps.tables);
    deps.status.outdated = null;
    if (opened.gap !== null) throw new GapError(opened.gap);
    const position = checkContinuity(deps.slot, await source.freeFacts(), opened.position);
    await streamFrom(deps, { source, opened, position, signal, onProgress });
  } finally {
    await source.close();
  }
}

interface Start {
  readonly source: SourceLook;
  readonly opened: OpenedLedger;
  readonly position: CapturePosition;
  readonly signal: AbortSignal;
  readonly onProgress: () => void;
}

async function streamFrom(deps: CaptureDeps, { source, opened, position, signal, onProgress }: Start): Promise<void> {
  const { ledger, slot, publication } = deps;
  const stream = new ReplicationConnection(deps.connection);
  await stream.connect();
  const failed = deferredFailure();
  const assembler = new Assembler({
    tables: deps.tables,
    columns: opened.columns,
    storedUpTo: position.commitLsn,
    maxPartBytes: MAX_PART_BYTES,
    beginRows: (commitLsn, xid) => ledger.begin(commitLsn, xid),
  });
  // Between the look and the start someone may have moved the slot; what is stored waits until that is ruled out.
  const verified = stream.started.then(async () => {
    checkContinuity(slot, await source.facts(), position);
    await source.close();
  });
  verified.catch(failed.reject);
  const flow = newFlow(deps, { position, stream, verified, onProgress, onError: failed.reject });
  const replies = startReplies(stream, deps.silence ?? SILENCE_LIMITS, failed.reject);
  const onAbort = () => failed.reject(new Error('stopped'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort(); // it came while the ledger was being opened
  try {
    if (!opened.position) await ledger.commit([], position);
    noteStreaming(deps, position.safeLsn);
    const handlers = streamHandlers({ assembler, flow, status: deps.status, stream });
    await Promise.race([stream.stream({ slot, publication, from: position.safeLsn }, handlers), failed.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearInterval(replies);
    await flow.stop();
    await stream.end();
  }
}

/** Signs of life in both directions: what only one side notices would last until the operating system does. */
function startReplies(
  stream: ReplicationConnection,
  limits: SilenceLimits,
  onLost: (error: Error) => void,
): NodeJS.Timeout {
  const watch = new SilenceWatch(limits, Date.now());
  return setInterval(() => {
    const heard = watch.look({ bytes: stream.bytesRead, isPaused: stream.isPaused, atMs: Date.now() });
    stream.acknowledge(heard !== 'well');
    if (heard === 'lost')
      onLost(new Error(`Nothing came from OperationsDB for ${limits.lostMs / 1000} s; connecting anew`));
  }, REPLY_INTERVAL_MS);
}

interface FlowParts {
  readonly position: CapturePosition;
  readonly stream: ReplicationConnection;
  readonly verified: Promise<void>;
  readonly onProgress: () => void;
  readonly onError: (error: unknown) => void;
}

function newFlow(
  { ledger, maxAtomicRows, status }: CaptureDeps,
  { position, stream, verified, onProgress, onError }: FlowParts,
): Flow {
  return new Flow({
    ledger,
    position,
    verified,
    maxWaitingBytes: MAX_WAITING_BYTES,
    maxAtomicRows,
    onPressure: (held) => (held ? stream.pause() : stream.resume()),
    onError,
    onStored: (stored, transactions) => {
      onProgress();
      noteStored(status, stored.safeLsn, transactions);
    },
    onDurable: (safeLsn) => stream.stored(safeLsn),
  });
}

function noteStreaming({ status, log, slot }: CaptureDeps, from: Lsn): void {
  status.phase = 'streaming';
  status.detail = `streaming from ${formatLsn(from)}`;
  status.storedLsn = from;
  log.info({ event: 'capture.streaming', position: formatLsn(from), slot }, status.detail);
}

interface Session {
  readonly assembler: Assembler;
  readonly flow: Flow;
  readonly status: CaptureStatus;
  readonly stream: ReplicationConnection;
}

function streamHandlers({ assembler, flow, status, stream }: Session) {
  const decoder = new PgoutputDecoder();
  return {
    onMessage(bytes: Buffer, start: number, end: number): void {
      status.bytes += end - start;
      const part = assembler.accept(decoder.decode(bytes, start, end));
      if (part) flow.accept(part);
    },
    onKeepalive(walEnd: Lsn, replyRequested: boolean): void {
      status.receivedLsn = walEnd;
      if (!assembler.inTransaction) flow.idleAt(walEnd);
      if (replyRequested) stream.acknowledge();
    },
  };
}

function noteStored(status: CaptureStatus, safeLsn: Lsn, transactions: readonly { changeCount: number }[]): void {
  status.storedLsn = safeLsn;
  status.storedAtMs = Date.now();
  status.transactions += transactions.length;
  for (const { changeCount } of transactions) status.changes += changeCount;
}

/** A promise that only ever rejects; unobserved rejections stay silent. */
function deferredFailure(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<never>((_resolve, rejectPromise) => (reject = rejectPromise));
  promise.catch(() => undefined);
  return { promise, reject };
}
