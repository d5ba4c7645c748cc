/** What requests need from the session; the session registers itself here. */
export interface Credentials {
  /** The access token, renewed first when it is about to end; `null` when nobody is signed in. */
  token(): Promise<string | null>;
  /**
   * After a 401 to `refused`: gets another token, by the cookie or, when that has ended too, by asking the person to
   * sign in again.
   * @returns false when there will be none
   */
  renew(refused: string): Promise<boolean>;
}

const NOBODY: Credentials = { token: () => Promise.resolve(null), renew: () => Promise.resolve(false) };
let current = NOBODY;

export function setCredentials(credentials: Credentials): void {
  current = credentials;
}

export function credentials(): Credentials {
  return current;
}
