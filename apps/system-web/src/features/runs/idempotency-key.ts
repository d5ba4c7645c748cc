/**
 * A new value for the header `Idempotency-Key`. `randomUUID` exists only on secure origins; the random numbers that it
 * is made of exist everywhere.
 */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
