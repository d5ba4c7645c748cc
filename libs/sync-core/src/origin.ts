/** What the application said about a change. All are optional; none of them is proof. */
export interface AssertedOrigin {
  readonly service?: string;
  readonly user?: string;
  readonly action?: string;
  readonly reason?: string;
  readonly correlationId?: string;
}

/** What the database server saw by itself. */
export interface ObservedOrigin {
  readonly role?: string;
  readonly application?: string;
  readonly address?: string;
}

/** Who caused a change. Without a claim the change is `unattributed`: counted and shown, never blank. */
export interface Origin {
  readonly asserted: AssertedOrigin;
  readonly observed: ObservedOrigin;
}

export const UNKNOWN_ORIGIN: Origin = { asserted: {}, observed: {} };

/** Prefix of the transactional logical message that carries an origin; its content is UTF-8 JSON of {@link Origin}. */
export const ORIGIN_MESSAGE_PREFIX = 'sync.origin';
/** Prefix of the messages this system writes to see its own progress; they carry nothing. */
export const WATERMARK_MESSAGE_PREFIX = 'sync.watermark';

const ASSERTED = ['service', 'user', 'action', 'reason', 'correlationId'] as const;
const OBSERVED = ['role', 'application', 'address'] as const;
const MAX_FIELD_CHARACTERS = 500;
const NUL = '\0';

/** True when nobody claimed the change. */
export function isUnattributed(origin: Origin): boolean {
  return Object.keys(origin.asserted).length === 0;
}

/**
 * Reads the content of an origin message. The content comes from other people's sessions: whatever is not an
 * expected text field is dropped, long texts are cut, and nonsense gives {@link UNKNOWN_ORIGIN}. Never throws.
 */
export function parseOrigin(content: string): Origin {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    return UNKNOWN_ORIGIN;
  }
  return { asserted: pick(parsed, 'asserted', ASSERTED), observed: pick(parsed, 'observed', OBSERVED) };
}

function pick<K extends string>(content: unknown, part: string, fields: readonly K[]): Partial<Record<K, string>> {
  const record = asRecord(asRecord(content)?.[part]);
  const picked: Partial<Record<K, string>> = {};
  for (const field of fields) {
    const value = record?.[field];
    const text = typeof value === 'string' ? value.replaceAll(NUL, '') : ''; // PostgreSQL stores no text that holds one
    if (text !== '') picked[field] = text.slice(0, MAX_FIELD_CHARACTERS);
  }
  return picked;
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
