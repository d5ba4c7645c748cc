import type { ClientBase } from 'pg';
import { tableName, type TableRef } from '@astro/sync-core';

/** How a table is published now. */
export interface PublicationMark {
  /** Differs from every earlier mark when the publication, or the table's place in it, was changed in between. */
  readonly mark: string;
  /** Why changes of the table are being lost at this moment; null: they are not. */
  readonly fault: string | null;
}

export interface PublicationMarks {
  /** Null when there is no such publication. A publication made anew has another one. */
  readonly publicationId: string | null;
  of(table: TableRef): PublicationMark;
}

interface MemberRow {
  readonly id: string;
  readonly version: string;
  readonly publishes_all: boolean;
  readonly table_name: string | null;
  readonly member: string | null;
  readonly filtered: boolean;
  readonly cut: boolean;
}

/** Row versions (`xmin`) tell of every change, also of one that was undone. Fields differ between server versions. */
const MEMBERS = `
SELECT p.oid::text AS id, p.oid || '.' || p.xmin AS version,
       p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate AS publishes_all,
       n.nspname || '.' || c.relname AS table_name, r.oid || '.' || r.xmin AS member,
       pg_catalog.to_jsonb(r) ->> 'prqual' IS NOT NULL AS filtered,
       pg_catalog.to_jsonb(r) ->> 'prattrs' IS NOT NULL AS cut
FROM pg_catalog.pg_publication p
LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid
LEFT JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE p.pubname = $1`;

/** Reads how the publication stands, in one statement. */
export async function readPublicationMarks(client: ClientBase, publication: string): Promise<PublicationMarks> {
  const { rows } = await client.query<MemberRow>(MEMBERS, [publication]);
  const members = new Map(rows.map((row) => [row.table_name, row]));
  const [first] = rows;
  const fault = (what: string) => `publication "${publication}" ${what}`;
  return {
    publicationId: first?.id ?? null,
    of(table) {
      if (!first) return { mark: 'none', fault: fault('is gone') };
      const member = members.get(tableName(table));
      const mark = `${first.version}/${member?.member ?? 'none'}`;
      if (!member) return { mark, fault: fault(`no longer carries ${tableName(table)}`) };
      if (member.filtered) return { mark, fault: fault(`has a row filter on ${tableName(table)}, which hides rows`) };
      if (member.cut) return { mark, fault: fault(`has a column list on ${tableName(table)}, which hides columns`) };
      if (!member.publishes_all) return { mark, fault: fault('no longer publishes every kind of change') };
      return { mark, fault: null };
    },
  };
}
