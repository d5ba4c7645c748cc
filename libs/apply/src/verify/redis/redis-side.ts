import type { Redis } from 'ioredis';
import {
  RedisTarget,
  laneConnection,
  type RedisTable,
  type RedisTargetOptions,
} from '../../targets/redis/redis-target.js';
import { selectFields } from '../../targets/redis/document-fields.js';
import { fieldDifferences, wholeDifference } from '../field-differences.js';
import type { FieldDifference } from '../model.js';
import type { Documents, Finding, TargetSide } from '../sides.js';
import { StoredForm, plainOf, readableBytes } from '../../targets/redis/stored-form.js';

/** Documents read from CacheDB at once, as they are stored. */
const MAX_BYTES_AT_ONCE = 16 * 1024 * 1024;

interface Wanted {
  readonly key: string;
  readonly document: string | null;
}

/** What CacheDB says about a key before it is read. */
interface Held extends Wanted {
  readonly exists: boolean;
  /** Null: not a text. */
  readonly bytes: number | null;
}

/** Documents in CacheDB, looked at closely. */
export class RedisSide implements TargetSide {
  private readonly target: RedisTarget;
  private readonly form: StoredForm;

  private readonly redis: Redis;

  /** @param redis a connection of its own is made like it: the lane's may be in the middle of a transaction */
  constructor(
    redis: Redis,
    private readonly options: RedisTargetOptions,
  ) {
    this.redis = laneConnection(redis);
    this.redis.on('error', () => undefined); // the command that fails tells
    this.target = new RedisTarget(this.redis, options);
    this.form = new StoredForm(options.compressOverBytes);
  }

  readState(): Promise<string | null> {
    return this.target.readState();
  }

  async compare(tableId: number, documents: Documents): Promise<ReadonlyMap<string, Finding>> {
    const table = this.table(tableId);
    const findings = new Map<string, Finding>();
    const readable: Held[] = [];
    for (const held of await this.look(table, documents)) {
      const finding = findingBefore(held);
      if (finding === 'read') readable.push(held);
      else if (finding) findings.set(held.key, finding);
    }
    for (const page of pagesWithin(readable, MAX_BYTES_AT_ONCE)) {
      const stored = await this.redis.mgetBuffer(page.map(({ key }) => table.keyPrefix + key));
      page.forEach(({ key, document }, i) => {
        const finding = this.findingOf(document ?? '', stored[i] ?? null);
        if (finding) findings.set(key, finding);
      });
    }
    return findings;
  }

  close(): Promise<void> {
    this.redis.disconnect();
    return Promise.resolve();
  }

  /** Sizes first: somebody may have put something huge, or something that is no text, where a document should be. */
  private async look({ keyPrefix, columns }: RedisTable, documents: Documents): Promise<Held[]> {
    await this.target.readState(); // waits for the connection
    const wanted = [...documents].map(([key, document]): Wanted => {
      return { key, document: document === null || columns === null ? document : selectFields(document, columns) };
    });
    const pipeline = this.redis.pipeline();
    for (const { key } of wanted) pipeline.exists(keyPrefix + key).strlen(keyPrefix + key);
    const replies = (await pipeline.exec()) ?? [];
    return wanted.map((one, i) => {
      const [failure, exists] = replies[2 * i] ?? [];
      if (failure) throw failure;
      const [problem, bytes] = replies[2 * i + 1] ?? [];
      if (problem && !problem.message.startsWith('WRONGTYPE')) throw problem;
      return { ...one, exists: exists === 1, bytes: problem ? null : Number(bytes) };
    });
  }

  private findingOf(document: string, stored: Buffer | null): Finding | null {
    if (stored === null) return { kind: 'missing' };
    const expected = Buffer.from(document, 'utf8');
    const verdict = this.form.compare(stored, expected);
    if (verdict === 'same') return null;
    return { kind: 'different', fields: this.fieldsOf(verdict, { stored, document, bytes: expected.length }) };
  }

  private fieldsOf(
    verdict: 'form' | 'content' | 'unreadable',
    { stored, document, bytes }: { readonly stored: Buffer; readonly document: string; readonly bytes: number },
  ): readonly FieldDifference[] {
    if (verdict === 'form') {
      const [right, wrong] = this.form.isCompressed(bytes) ? ['compressed', 'plain'] : ['plain', 'compressed'];
      return wholeDifference(`stored ${right}`, `stored ${wrong}`);
    }
    const plain = plainOf(stored, bytes);
    if (plain === null) return wholeDifference(`${bytes} bytes of JSON`, 'compressed, but cannot be read');
    return fieldDifferences(document, plain.toString('utf8'));
  }

  private table(tableId: number): RedisTable {
    const table = this.options.tables.find((one) => one.tableId === tableId);
    if (!table) throw new Error(`table ${tableId} is not part of lane ${this.options.lane}`);
    return table;
  }
}

/** What is known without reading the document; null: there is no difference. */
function findingBefore({ document, exists, bytes }: Held): Finding | 'read' | null {
  if (document === null) return exists ? { kind: 'extra' } : null;
  if (!exists) return { kind: 'missing' };
  const expected = Buffer.byteLength(document);
  if (bytes === null) {
    return { kind: 'different', fields: wholeDifference(`${expected} bytes of JSON`, 'not a text') };
  }
  if (bytes <= readableBytes(expected)) return 'read';
  return { kind: 'different', fields: wholeDifference(`${expected} bytes of JSON`, `${bytes} bytes`) };
}

function* pagesWithin(all: readonly Held[], maxBytes: number): Generator<readonly Held[]> {
  let page: Held[] = [];
  let size = 0;
  for (const held of all) {
    const bytes = held.bytes ?? 0;
    if (page.length > 0 && size + bytes > maxBytes) {
      yield page;
      [page, size] = [[], 0];
    }
    page.push(held);
    size += bytes;
  }
  if (page.length > 0) yield page;
}
