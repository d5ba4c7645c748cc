/** An escape of JSON text; the group is one that PostgreSQL takes in no text: NUL, or half of a surrogate pair. */
const ESCAPE = /\\(?:u(0000|d[89a-f][0-9a-f]{2})|.)/gi;

/**
 * A value as JSON text that PostgreSQL stores whatever its strings hold: what it would refuse becomes U+FFFD. Texts that
 * are not ours, such as what somebody wrote into a target, may hold everything.
 */
export function storableJson(value: unknown): string {
  // JSON.stringify escapes exactly those surrogates that have lost their other half.
  return JSON.stringify(value).replace(ESCAPE, (escape, refused: string | undefined) =>
    refused === undefined ? escape : '\\ufffd',
  );
}
