import type { Redis } from 'ioredis';
import type { ClientConfig } from 'pg';
import type { ReadSlots } from '../copy/read-slots.js';
import type { JoinedStrategy } from '../lane/joined-strategy.js';
import { SourceSession } from '../source/source-session.js';
import type { ReadTable } from '../source/table-queries.js';
import type { PostgresTargetOptions } from '../targets/postgres/postgres-target.js';
import type { RedisTargetOptions } from '../targets/redis/redis-target.js';
import { FlatSource } from './flat-source.js';
import { JoinedSource } from './joined-source.js';
import { PostgresSide } from './postgres/postgres-side.js';
import { PostgresWalk } from './postgres/postgres-walk.js';
import { FlatPages } from './redis/flat-pages.js';
import { JoinedPages } from './redis/joined-pages.js';
import { RedisSide } from './redis/redis-side.js';
import { RedisWalk, type ExpectedPages } from './redis/redis-walk.js';
import type { SourceSide, TargetSide, Walk } from './sides.js';
import { Verifier, type VerifierOptions } from './verifier.js';

/** Where the data set ends, as its lane writes it. */
export type VerifiedTarget =
  | { readonly kind: 'redis'; readonly redis: Redis; readonly options: RedisTargetOptions }
  | { readonly kind: 'postgres'; readonly options: PostgresTargetOptions };

export interface VerifierParts extends Omit<VerifierOptions, 'source' | 'target' | 'walk'> {
  /** OperationsDB. */
  readonly connection: ClientConfig;
  /** As the lane reads them: of a joined data set the root first. */
  readonly tables: readonly ReadTable[];
  /** How a joined data set is asked, on a session of the verifier's own; null: rows are the documents. */
  readonly joined: ((session: SourceSession) => JoinedStrategy) | null;
  readonly to: VerifiedTarget;
  /** Rows read at once. */
  readonly chunkRows: number;
  /** Shared with the lanes of the process. */
  readonly slots: ReadSlots;
}

/** A verifier of one data set, with connections of its own that are opened when needed; close it at the end. */
export function createVerifier(parts: VerifierParts): Verifier {
  const sides = parts.to.kind === 'redis' ? redisSides(parts, parts.to) : postgresSides(parts, parts.to.options);
  return new Verifier({ ...parts, source: sourceSide(parts), ...sides });
}

interface Sides {
  readonly target: TargetSide;
  readonly walk: Walk;
}

function sourceSide({ connection, tables, joined }: VerifierParts): SourceSide {
  const session = new SourceSession(connection);
  if (!joined) return new FlatSource(session, tables);
  return new JoinedSource(session, joined(session), rootOf(tables));
}

function redisSides(parts: VerifierParts, { redis, options }: Extract<VerifiedTarget, { kind: 'redis' }>): Sides {
  const { slots } = parts;
  const pages = pagesOf(parts);
  return {
    target: new RedisSide(redis, options),
    walk: new RedisWalk(pages, { ...options, redis, slots }),
  };
}

function pagesOf({ connection, tables, joined, chunkRows, slots }: VerifierParts): ExpectedPages {
  const session = new SourceSession(connection);
  if (!joined) return new FlatPages({ session, tables, chunkRows, slots });
  return new JoinedPages(session, joined(session), rootOf(tables));
}

function postgresSides({ connection, tables, chunkRows }: VerifierParts, options: PostgresTargetOptions): Sides {
  const session = new SourceSession(connection);
  const walk = { session, tables, chunkRows, connection: options.connection, targets: options.tables };
  return { target: new PostgresSide(options), walk: new PostgresWalk(walk) };
}

function rootOf(tables: readonly ReadTable[]): ReadTable {
  const [root] = tables;
  if (!root) throw new Error('a joined data set has a root table');
  return root;
}
