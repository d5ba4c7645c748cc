/** What a person can do, by the `code` of a problem. An unknown code has the server's own words alone. */
const ADVICE: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'Sign in again.',
  FORBIDDEN: 'Ask an administrator for a role that may do this.',
  NOT_FOUND: 'It may have been removed, or the address may be wrong; go back to the list.',
  INVALID_CURSOR: 'Go back to the first page.',
  INVALID_REQUEST: 'Correct what is marked and send it again.',
  TOO_MANY_REQUESTS: 'Wait a moment; it is asked again by itself.',
  AUDIT_UNAVAILABLE: 'Nothing was done, because it could not be written to the audit trail. Try again in a moment.',
  SERVICE_UNAVAILABLE: 'A database is away. What you see stays; try again in a moment.',
  INTERNAL_SERVER_ERROR: 'Try again; if it stays, give the request id to an administrator.',
  UNREACHABLE: 'It is asked again by itself as soon as it answers.',
};

export function adviceFor(code: string): string | undefined {
  return Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined;
}
