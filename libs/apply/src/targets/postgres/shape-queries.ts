/** Writable and other columns of the tables named by `$1` (schemas) and `$2` (names); `i` is their place there, from 1. */
export const COLUMNS_QUERY = `
SELECT w.i::integer AS i, c.oid::text AS oid, a.attname AS name, format_type(a.atttypid, -1) AS type,
  t.typarray <> 0 AND t.typdelim = ',' AND t.typcategory <> 'C' AS "inArrays", a.attgenerated <> '' AS generated,
  a.attidentity = 'a' AS "alwaysIdentity", a.attnotnull AS required, t.typcategory AS category, a.atttypmod AS modifier
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (schema, name, i)
JOIN pg_namespace n ON n.nspname = w.schema
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p')
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
ORDER BY w.i, a.attnum`;

export interface ColumnRow {
  readonly i: number;
  readonly oid: string;
  readonly name: string;
  /** SQL, without a length, so that a value that is too long is an error and not cut. */
  readonly type: string;
  /**
   * An array of the type can be a parameter, so that its values are read by the type itself, as COPY does.
   * Not so for arrays, which have no array type, and for rows, which `unnest` would take apart.
   */
  readonly inArrays: boolean;
  readonly generated: boolean;
  readonly alwaysIdentity: boolean;
  readonly required: boolean;
  readonly category: string;
  readonly modifier: number;
}

/** Unique indexes of the tables with the oids in `$1`. `plain`: covers all rows, by columns only. */
export const UNIQUE_INDEXES_QUERY = `
SELECT i.indrelid::text AS oid, i.indimmediate AS immediate,
  i.indpred IS NULL AND i.indexprs IS NULL AS plain,
  coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS "nullsEqual",
  (SELECT json_agg(json_build_object('name', a.attname, 'equals', o.equals, 'greater', o.greater) ORDER BY k.n)
   FROM unnest(i.indkey::int2[], i.indclass::oid[]) WITH ORDINALITY AS k (attnum, opclass, n)
   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
   CROSS JOIN LATERAL (
     SELECT max(format('OPERATOR(%I.%s)', n.nspname, p.oprname)) FILTER (WHERE m.amopstrategy = 3) AS equals,
       max(format('OPERATOR(%I.%s)', n.nspname, p.oprname)) FILTER (WHERE m.amopstrategy = 5) AS greater
     FROM pg_opclass f
     JOIN pg_amop m ON m.amopfamily = f.opcfamily AND m.amoplefttype = f.opcintype AND m.amoprighttype = f.opcintype
     JOIN pg_operator p ON p.oid = m.amopopr
     JOIN pg_namespace n ON n.oid = p.oprnamespace
     WHERE f.oid = k.opclass) o
   WHERE k.n <= i.indnkeyatts) AS columns,
  ARRAY(SELECT a.attname::text FROM pg_depend d
   JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
   WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid
     AND a.attnum > 0) AS involved
FROM pg_index i
WHERE i.indrelid = ANY ($1::oid[]) AND i.indisunique AND i.indisvalid`;

export interface IndexColumn {
  readonly name: string;
  /** The index's own operators as SQL, qualified: those of an extension's type are not on the search path. */
  readonly equals: string;
  readonly greater: string;
}

export interface UniqueIndexRow {
  readonly oid: string;
  readonly immediate: boolean;
  readonly plain: boolean;
  readonly nullsEqual: boolean;
  /** Null for an index of expressions only. */
  readonly columns: readonly IndexColumn[] | null;
  /** Columns that expressions and conditions read; may be empty for plain indexes. */
  readonly involved: readonly string[];
}

/** Constraints of and on the tables with the oids in `$1`: foreign keys, and whatever can be deferred. */
export const CONSTRAINTS_QUERY = `
SELECT conrelid::text AS child, CASE WHEN contype = 'f' THEN confrelid::text END AS parent,
  condeferrable AS deferrable, confdeltype = 'a' AS "noAction"
FROM pg_constraint
WHERE (contype = 'f' AND confrelid = ANY ($1::oid[]))
  OR (conrelid = ANY ($1::oid[]) AND (contype = 'f' OR condeferrable))`;

export interface ConstraintRow {
  readonly child: string;
  /** Null when it is not a foreign key. */
  readonly parent: string | null;
  readonly deferrable: boolean;
  /** Deleting a referenced row changes nothing else. */
  readonly noAction: boolean;
}
