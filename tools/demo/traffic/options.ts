import { parseArgs } from 'node:util';

export interface TrafficOptions {
  /** Transactions per second, all services together. */
  readonly rate: number;
  /** Null: until it is stopped. */
  readonly seconds: number | null;
  readonly seed: number;
}

/** The command line is wrong; the message says what and how it is right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Acts as AgencyAPI, BookingAPI and FinanceAPI on the demo data of OperationsDB.

  npm run demo:traffic -- [--rate 50] [--seconds N] [--seed N]

  --rate N      transactions per second, 0.1 to 5000 (default 50)
  --seconds N   stop after N seconds (default: go on until Ctrl-C)
  --seed N      a whole number; the same seed makes the same choices (default 1)

It works on the stack that runs here (npm start), or on the database in OPERATIONS_DATABASE_URL.`;

const OPTIONS = {
  rate: { type: 'string', default: '50' },
  seconds: { type: 'string' },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * @returns null when help was asked for
 * @throws {UsageError}
 */
export function readOptions(args: readonly string[]): TrafficOptions | null {
  const { help, rate, seconds, seed } = parse(args);
  if (help) return null;
  return {
    rate: numberIn('--rate', rate, [0.1, 5_000]),
    seconds: seconds === undefined ? null : numberIn('--seconds', seconds, [1, 1_000_000]),
    seed: wholeNumber('--seed', seed),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new UsageError(`${reason}.`, { cause: error });
  }
}

function numberIn(name: string, text: string, [min, max]: readonly [number, number]): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max) return value;
  throw new UsageError(`${name} takes a number from ${min} to ${max}, not "${text}".`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new UsageError(`${name} takes a whole number such as 1, not "${text}".`);
}
