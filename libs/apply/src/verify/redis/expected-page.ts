/** Keys in one MGET: more would keep the server from others for too long. */
export const KEYS_PER_COMMAND = 1000;

const [RETURN, ZERO, MINUS] = [0x0d, 0x30, 0x2d];

/**
 * What to send to CacheDB for some keys, and the very bytes of the answer when every document there is as the source
 * has it. Answers that are equal need no reading: comparing them is comparing memory.
 */
export interface ExpectedPage {
  /** MGET commands (RESP) of at most {@link KEYS_PER_COMMAND} keys each. */
  readonly command: Buffer;
  /** Their answers, one after another. */
  readonly answer: Buffer;
  /** Where each key starts in `command`, as a bulk string. */
  readonly keyStarts: Int32Array;
  /** Where the record of each key starts and ends in `answer`; between two records may stand the head of an answer. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
  /** Of these, keys under which there must be a document. */
  readonly documents: number;
  readonly prefixBytes: number;
}

/** True when CacheDB must hold a document under the key. */
export function isDocument({ answer, starts }: ExpectedPage, index: number): boolean {
  return answer[(starts[index] as number) + 1] !== MINUS;
}

/** The row's key, without the prefix. */
export function keyAt({ command, keyStarts, prefixBytes }: ExpectedPage, index: number): string {
  return bulkAt(command, keyStarts[index] as number).toString('utf8', prefixBytes);
}

/** Gives the place of each key, without the prefix, in `bytes`. */
export function forEachKey(page: ExpectedPage, use: (bytes: Buffer, start: number, end: number) => void): void {
  const { command, keyStarts, prefixBytes, count } = page;
  for (let i = 0; i < count; i++) {
    let at = (keyStarts[i] as number) + 1;
    let length = 0;
    for (; command[at] !== RETURN; at++) length = length * 10 + (command[at] as number) - ZERO;
    use(command, at + 2 + prefixBytes, at + 2 + length);
  }
}

/** The head of an MGET of this many keys. */
export function commandHead(keys: number): string {
  return `*${1 + keys}\r\n$4\r\nMGET\r\n`;
}

/** The head of its answer. */
export function answerHead(keys: number): string {
  return `*${keys}\r\n`;
}

/** The text of a bulk string (`$<length>`, line end, bytes, line end) that starts at `start`. */
export function bulkAt(buffer: Buffer, start: number): Buffer {
  const head = buffer.indexOf(0x0a, start) + 1;
  const length = Number(buffer.toString('latin1', start + 1, head - 2));
  return buffer.subarray(head, head + length);
}

/** A page of documents that are strings; null: CacheDB must hold nothing under the key. */
export function pageOf(keyPrefix: string, documents: readonly (readonly [string, string | null])[]): ExpectedPage {
  const count = documents.length;
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  const keyStarts = new Int32Array(count);
  const command: Buffer[] = [];
  const answer: Buffer[] = [];
  let [size, commandSize] = [0, 0];
  const ask = (part: Buffer): number => (command.push(part), (commandSize += part.length));
  const push = (part: Buffer): number => (answer.push(part), (size += part.length));
  documents.forEach(([key, document], i) => {
    if (i % KEYS_PER_COMMAND === 0) {
      const keys = Math.min(KEYS_PER_COMMAND, count - i);
      ask(Buffer.from(commandHead(keys)));
      push(Buffer.from(answerHead(keys)));
    }
    keyStarts[i] = commandSize;
    ask(bulk(keyPrefix + key));
    starts[i] = size;
    ends[i] = push(document === null ? Buffer.from('$-1\r\n') : bulk(document));
  });
  const prefixBytes = Buffer.byteLength(keyPrefix);
  return {
    command: Buffer.concat(command),
    answer: Buffer.concat(answer),
    keyStarts,
    starts,
    ends,
    count,
    documents: documents.filter(([, document]) => document !== null).length,
    prefixBytes,
  };
}

function bulk(text: string): Buffer {
  return Buffer.from(`$${Buffer.byteLength(text)}\r\n${text}\r\n`);
}
