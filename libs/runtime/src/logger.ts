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

type SerializedError = Readonly<Record<string, unknown>>;

function serializeError(error: Error): SerializedError {
  return withoutArguments(stdSerializers.errWithCause(error));
}

/** Redis clients hang the failed command on the error; its arguments are passwords or other people's rows. */
function withoutArguments(error: SerializedError): SerializedError {
  const { command, cause } = error;
  if (!isObject(command) && !isObject(cause)) return error;
  return {
    ...error,
    ...(isObject(command) && { command: command['name'] }),
    ...(isObject(cause) && { cause: withoutArguments(cause) }),
  };
}

function isObject(value: unknown): value is SerializedError {
  return typeof value === 'object' && value !== null;
}

function redactLine(line: string): string {
  if (!mayHoldSecret(line)) return line;
  return `${JSON.stringify(redactJson(JSON.parse(line)))}\n`;
}
