/**
 * UTF-8 bytes held in a string, one character per byte (Node's `latin1`).
 *
 * Row values pass through capture and copy as byte strings: slicing and joining them is as cheap as for ASCII
 * text, no value is decoded only to be encoded again, and what leaves is bit for bit what came in.
 * Write them with `Buffer.from(value, 'latin1')`; never mix them with ordinary strings.
 */
export type ByteString = string & { readonly __brand: 'ByteString' };

/** The UTF-8 bytes of an ordinary string. */
export function toByteString(text: string): ByteString {
  return Buffer.from(text, 'utf8').toString('latin1') as ByteString;
}

/** The ordinary string whose UTF-8 bytes these are. */
export function fromByteString(bytes: ByteString): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
