import { hostname } from 'node:os';
import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { mayHoldSecret, redactJson } from './redact.js';

/**
 * A JSON logger. Give every line an `event` (`capture.started`), and where they apply `dataSet`, `lane`, `position`;
 * put an error under `error`.
 */
export type Logger = PinoLogger;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel | undefined;
  /** Default stdout. */
  readonly destination?: DestinationStream | undefined;
}

/**
 * Logs one JSON object per line: `time` (ISO, UTC), `level` (a word), `service`, `pid`, `host`, and what the caller gives.
 * Passwords, tokens and keys are taken out of the finished line, so that no way into the log goes around it.
 */
export function createLogger(service: string, { level = 'info', destination }: LoggerOptions = {}): Logger {
  const settings = {
    level,
    base: { service, pid: process.pid, host: hostname() },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: serializeError, err: serializeError },
    hooks: { streamWrite: redactLine },
  };
  return destination ? pino(settings, destination) : pino(settings);
}

function serializeError(error: Error): Record<string, unknown> {
  return plainFields({ ...stdSerializers.errWithCause(error) });
}

/**
 * Of what libraries hang on an error only plain values stay. A Redis command holds passwords or other people's rows, a
 * database client its whole inside.
 */
function plainFields(error: Record<string, unknown>): Record<string, unknown> {
  const { cause, aggregateErrors } = error;
  return {
    ...Object.fromEntries(Object.entries(error).filter(([, value]) => typeof value !== 'object' || value === null)),
    ...(isObject(cause) && { cause: plainFields(cause) }),
    ...(Array.isArray(aggregateErrors) && { aggregateErrors: aggregateErrors.filter(isObject).map(plainFields) }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function redactLine(line: string): string {
  if (!mayHoldSecret(line)) return line;
  return `${JSON.stringify(redactJson(JSON.parse(line)))}\n`;
}
