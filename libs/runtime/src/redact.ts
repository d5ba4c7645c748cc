/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

const SECRET_KEY = /password|passwd|passphrase|secret|authorization|apikey|privatekey|credential|cookie|tokens?$/;
const SECRET_KEYS = new Set(['pass', 'pwd', 'auth', 'pgpass']);

/** Whatever could be a secret in a text; texts without it are left alone, cheaply. */
const SUSPICIOUS =
  /:\/\/|pass|pwd|secret|token|authorization|\bauth\b|bearer |api.?key|private.?key|credential|cookie/i;

const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>`]+/gi;
/** A password with a character that ends the host, so that a URL parser would look for it elsewhere. */
const HIDDEN_PASSWORD = /:\/\/[^@:]*:[^@]*[/?#][^@]*@/;
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
const ASSIGNMENT =
  /\b([\w-]*(?:password|passwd|pwd|secret|token|api[_-]?key))(\s*=\s*)(?!\*\*\*)('[^']*'|"[^"]*"|[^\s&,;]+)/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g;
const MAX_DEPTH = 12;

/** True when a field of this name holds a secret. */
export function isSecretKey(name: string): boolean {
  const plain = name.toLowerCase().replace(/[_-]/g, '');
  return SECRET_KEYS.has(plain) || SECRET_KEY.test(plain);
}

/** False when a text surely holds no secret: cheap enough for every log line. */
export function mayHoldSecret(text: string): boolean {
  return SUSPICIOUS.test(text);
}

/** The URL without its password and without the secret ones of its parameters. Also takes what is not quite a URL. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url) || HIDDEN_PASSWORD.test(url)) return url.replace(/:\/\/.*@/, `://${REDACTED}@`);
  const parsed = new URL(url);
  const parameters = [...parsed.searchParams.keys()].filter(isSecretKey);
  if (parsed.password === '' && parameters.length === 0) return url;
  if (parsed.password !== '') parsed.password = '***';
  for (const name of parameters) parsed.searchParams.set(name, '***');
  return parsed.toString();
}

/** The text without passwords, tokens and keys, wherever they stand in it. */
export function redactText(text: string): string {
  if (!mayHoldSecret(text)) return text;
  return text
    .replace(PRIVATE_KEY, REDACTED)
    .replace(URL_IN_TEXT, redactUrl)
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(ASSIGNMENT, `$1$2${REDACTED}`);
}

/** A copy of JSON data without secrets: fields by their name, texts by their content. Cut below a depth of 12. */
export function redactJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => redactJson(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      isSecretKey(name) && field !== null ? REDACTED : redactJson(field, depth + 1),
    ]),
  );
}
