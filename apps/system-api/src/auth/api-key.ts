import { createHash, randomBytes } from 'node:crypto';

const PREFIX_BYTES = 5;
const SECRET_BYTES = 32;
const FORM = /^(astro_[0-9a-f]{10})_[\w-]{43}$/;

export interface NewApiKeySecret {
  /** The whole key; told once. */
  readonly secret: string;
  /** Its first part, by which it is found and recognized. */
  readonly prefix: string;
  readonly hash: Buffer;
}

/** Makes a key of 256 random bits. */
export function makeApiKey(): NewApiKeySecret {
  const prefix = `astro_${randomBytes(PREFIX_BYTES).toString('hex')}`;
  const secret = `${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { secret, prefix, hash: hashToken(secret) };
}

export function isApiKey(text: string): boolean {
  return FORM.test(text);
}

export function prefixOf(key: string): string {
  return FORM.exec(key)?.[1] ?? '';
}

/** SHA-256: right for what is random enough that nobody can guess it. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
