import { type Me, type SignedIn, type SignIn } from '@astro/contracts';
import { ApiError } from '../../shared/api-error.js';
import { type Credentials } from '../../shared/credentials.js';
import { oneAtATime } from './one-at-a-time.js';
import { refresh, signIn, signOut } from './session-api.js';

/** `ended`: the session ended while the page was used; the page stays, and a dialog asks to sign in again. */
export type SessionState =
  | { readonly phase: 'starting' }
  | { readonly phase: 'unreachable'; readonly error: Error }
  | { readonly phase: 'signed_out' }
  | { readonly phase: 'signed_in'; readonly me: Me }
  | { readonly phase: 'ended'; readonly me: Me };

interface AccessToken {
  readonly text: string;
  /** On the clock of this browser; milliseconds since 1970. */
  readonly endsAtMs: number;
}

/** A token that ends this soon is renewed first. */
const RENEW_BEFORE_MS = 30_000;
/** No access token lives longer, so more than this means that the two clocks disagree, and a 401 has to tell. */
const LONGEST_LIFE_MS = 3_600_000;
const REFUSED: ReadonlySet<number | undefined> = new Set([400, 401, 403]);

/** Who uses the page. The access token is in memory only; the refresh token is in a cookie that scripts cannot read. */
export class SessionStore implements Credentials {
  private state: SessionState = { phase: 'starting' };
  private access: AccessToken | null = null;
  private renewing: Promise<boolean> | null = null;
  private readonly listeners = new Set<() => void>();
  /** Requests that wait until the person has signed in again. */
  private readonly waiting = new Set<(isSignedIn: boolean) => void>();

  readonly getState = (): SessionState => this.state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Takes up the session of an earlier visit, if there is one. */
  async start(): Promise<void> {
    this.set({ phase: 'starting' });
    try {
      this.accept(await oneAtATime(refresh));
    } catch (error) {
      this.set(isRefusal(error) ? { phase: 'signed_out' } : { phase: 'unreachable', error: toError(error) });
    }
  }

  /**
   * Signs in, also after the session has ended; then what waits goes on.
   * @throws {ApiError} when the credentials are wrong, there were too many tries, or the server is away
   */
  async signIn(credentials: SignIn): Promise<void> {
    this.accept(await signIn(credentials));
  }

  /** Forgets the person here even when the server cannot be told. */
  async signOut(): Promise<void> {
    this.access = null;
    this.set({ phase: 'signed_out' });
    this.release(false);
    await signOut().catch(() => undefined);
  }

  /** The person has changed something about themselves. */
  setMe(me: Me): void {
    if (this.state.phase === 'signed_in') this.set({ phase: 'signed_in', me });
  }

  async token(): Promise<string | null> {
    const { access } = this;
    if (access && access.endsAtMs - Date.now() < RENEW_BEFORE_MS) await this.renew(access.text);
    return this.access?.text ?? null;
  }

  renew(refused: string): Promise<boolean> {
    // Another request has renewed it while the refused one was on its way.
    if (this.access && this.access.text !== refused) return Promise.resolve(true);
    this.renewing ??= this.renewOnce().finally(() => (this.renewing = null));
    return this.renewing;
  }

  private async renewOnce(): Promise<boolean> {
    if (this.state.phase === 'signed_out') return false;
    try {
      this.accept(await oneAtATime(refresh));
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return this.askAgain();
    }
  }

  private askAgain(): Promise<boolean> {
    if (this.state.phase === 'signed_in') this.set({ phase: 'ended', me: this.state.me });
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  private accept({ accessToken, expiresAt, me }: SignedIn): void {
    const lifeMs = Date.parse(expiresAt) - Date.now();
    const isPlausible = lifeMs > RENEW_BEFORE_MS && lifeMs < LONGEST_LIFE_MS;
    this.access = { text: accessToken, endsAtMs: isPlausible ? Date.now() + lifeMs : Infinity };
    this.set({ phase: 'signed_in', me });
    this.release(true);
  }

  private release(isSignedIn: boolean): void {
    for (const resolve of this.waiting) resolve(isSignedIn);
    this.waiting.clear();
  }

  private set(state: SessionState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && REFUSED.has(error.status);
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
