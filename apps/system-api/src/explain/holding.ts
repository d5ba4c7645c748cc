import { type Holding } from '@astro/contracts';

export type Value = Readonly<Record<string, unknown>>;

/** What was found of a key in one database; null: nothing. */
export interface Found {
  readonly value: Value | null;
  /** Said beside a value that is not what it should be, such as one that is no JSON. */
  readonly detail?: string;
}

type Place = Pick<Holding, 'endpoint' | 'place'>;

/** Looks, and tells what was there. Never rejects: what cannot be looked at is unknown, with the reason. */
export async function holdingOf(place: Place, look: () => Promise<Found | string>): Promise<Holding> {
  const startedAtMs = performance.now();
  const done = (rest: Pick<Holding, 'state' | 'value' | 'detail'>): Holding => {
    return { ...place, ...rest, tookMs: Math.round(performance.now() - startedAtMs) };
  };
  try {
    const found = await look();
    if (typeof found === 'string') return done({ state: 'unknown', value: null, detail: found });
    const detail = found.detail ?? null;
    if (found.value === null && detail === null) return done({ state: 'absent', value: null, detail });
    return done({ state: 'present', value: found.value, detail });
  } catch (error) {
    return done({ state: 'unknown', value: null, detail: reasonOf(error) });
  }
}

/** Codes only: messages of databases may hold values and addresses. */
function reasonOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (code === PERMISSION_DENIED) return 'The API may not read it; run: npm run sync -- setup';
  if (code === TIMED_OUT) return 'It did not answer in time.';
  return typeof code === 'string' && /^\w{1,40}$/.test(code)
    ? `It could not be read (${code}).`
    : 'It could not be read.';
}

const PERMISSION_DENIED = '42501';
const TIMED_OUT = '57014';
