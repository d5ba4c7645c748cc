import type { ColumnRef, TableRef } from '@astro/sync-core';

export type RelationKind = 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table';
export type ReplicaIdentity = 'default' | 'full' | 'index' | 'nothing';

/** A column as the server describes it. */
export interface ColumnInfo extends ColumnRef {
  /** With its modifiers, such as `character varying(20)` or `numeric(12,2)[]`. */
  readonly typeName: string;
  /** Part of PostgreSQL itself, so that every server has it: not an enum, a domain or a type of an extension. */
  readonly isBuiltIn: boolean;
  /** What a domain is made of, through all its layers; the type itself otherwise. */
  readonly baseTypeName: string;
  readonly isArray: boolean;
  readonly isEnum: boolean;
  readonly notNull: boolean;
  /** Computed by the server from other columns; neither streamed nor writable. */
  readonly isGenerated: boolean;
  /** As `isGenerated`, kept in the row (on PostgreSQL 18 some are not). */
  readonly isStored: boolean;
  /** GENERATED ALWAYS AS IDENTITY: refuses values that others bring. */
  readonly isIdentityAlways: boolean;
  readonly hasDefault: boolean;
}

export interface UniqueIndex {
  readonly name: string;
  readonly columns: readonly string[];
  readonly isPrimary: boolean;
  readonly isReplicaIdentity: boolean;
  /** Valid, immediate, over plain columns and all rows: no two rows can have equal values at any moment. */
  readonly isStrict: boolean;
}

export interface RelationInfo {
  readonly oid: number;
  readonly table: TableRef;
  readonly kind: RelationKind;
  readonly persistence: 'permanent' | 'unlogged' | 'temporary';
  readonly identity: ReplicaIdentity;
  /** The partitioned table this is directly a partition of. */
  readonly partitionOf: number | null;
  /** Other tables inherit from it (INHERITS, not partitions). */
  readonly hasHeirs: boolean;
  /** Belongs to an extension. */
  readonly isOfExtension: boolean;
  /** This role may read all of it. */
  readonly maySelect: boolean;
  /** Row level security would hide rows from this role (W41). */
  readonly hidesRows: boolean;
  readonly columns: readonly ColumnInfo[];
  readonly uniqueIndexes: readonly UniqueIndex[];
}

/** The tables of a database as one role sees them at one moment. */
export class SourceSchema {
  private readonly byName: ReadonlyMap<string, RelationInfo>;
  private readonly byOid: ReadonlyMap<number, RelationInfo>;

  constructor(
    readonly relations: readonly RelationInfo[],
    /** Such as 150004. */
    readonly serverVersion: number,
  ) {
    this.byName = new Map(relations.map((relation) => [tableId(relation.table), relation]));
    this.byOid = new Map(relations.map((relation) => [relation.oid, relation]));
  }

  find(table: TableRef): RelationInfo | undefined {
    return this.byName.get(tableId(table));
  }

  /** Every partition below a partitioned table, at all levels. */
  partitionsOf(relation: RelationInfo): readonly RelationInfo[] {
    const direct = this.relations.filter(({ partitionOf }) => partitionOf === relation.oid);
    return direct.flatMap((partition) => [partition, ...this.partitionsOf(partition)]);
  }

  /** The partitioned tables above a partition, nearest first. */
  ancestorsOf(relation: RelationInfo): readonly RelationInfo[] {
    const parent = relation.partitionOf === null ? undefined : this.byOid.get(relation.partitionOf);
    return parent ? [parent, ...this.ancestorsOf(parent)] : [];
  }
}

/** A text that is equal for equal tables only. */
export function tableId(table: TableRef): string {
  return JSON.stringify([table.schema, table.name]);
}
