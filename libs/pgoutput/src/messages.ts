import type { ColumnRef, Lsn, TableRef } from '@astro/sync-core';
import type { Tuple } from './tuple.js';

export interface RelationColumn extends ColumnRef {
  /** Part of the replica identity. */
  readonly identity: boolean;
}

export interface Relation {
  readonly kind: 'relation';
  readonly oid: number;
  readonly table: TableRef;
  /** `pg_class.relreplident`: d default, n nothing, f full, i index. */
  readonly replicaIdentity: string;
  readonly columns: readonly RelationColumn[];
}

export interface Begin {
  readonly kind: 'begin';
  readonly commitLsn: Lsn;
  readonly committedAtUs: bigint;
  /** Unsigned 32 bits. */
  readonly xid: number;
}

export interface Commit {
  readonly kind: 'commit';
  readonly commitLsn: Lsn;
  /** Where the next record starts: what may be acknowledged once this transaction is durable. */
  readonly endLsn: Lsn;
}

export interface Insert {
  readonly kind: 'insert';
  readonly relation: Relation;
  readonly after: Tuple;
}

export interface Update {
  readonly kind: 'update';
  readonly relation: Relation;
  /** `key`: only identity columns hold values; `full`: all do; null: the identity did not change. */
  readonly before: { readonly kind: 'key' | 'full'; readonly values: Tuple } | null;
  readonly after: Tuple;
}

export interface Delete {
  readonly kind: 'delete';
  readonly relation: Relation;
  readonly before: { readonly kind: 'key' | 'full'; readonly values: Tuple };
}

export interface Truncate {
  readonly kind: 'truncate';
  readonly relations: readonly Relation[];
  readonly cascade: boolean;
  readonly restartIdentity: boolean;
}

export interface LogicalMessage {
  readonly kind: 'message';
  /** Only a transactional message belongs to the transaction it arrives in (W27). */
  readonly transactional: boolean;
  readonly prefix: string;
  readonly content: string;
}

/** Messages that carry nothing this system needs: type and origin. */
export interface Ignored {
  readonly kind: 'ignored';
}

export type PgoutputMessage =
  Relation | Begin | Commit | Insert | Update | Delete | Truncate | LogicalMessage | Ignored;
