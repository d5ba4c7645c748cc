import { InvalidLsnError } from './errors.js';

/** Position in the write-ahead log. Compare with `<` and `>`, never as text. */
export type Lsn = bigint & { readonly __brand: 'Lsn' };

export const LSN_ZERO = 0n as Lsn;

/** @throws {InvalidLsnError} when `text` is not two hex halves, such as `16/B374D848` */
export function parseLsn(text: string): Lsn {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? [];
  if (!high || !low) throw new InvalidLsnError(text);
  return ((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)) as Lsn;
}

/** PostgreSQL's own spelling: upper-case hex halves, such as `16/B374D848`. */
export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffffffffn).toString(16).toUpperCase()}`;
}
