/** Something that keeps a benchmark from giving a figure; the message is for the person who runs it. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
