/** A session of TypeORM, or a source of them, that is in no transaction. */
interface Session {
  query(sql: string, values?: unknown[]): Promise<unknown>;
}

export interface AuditIndex {
  readonly name: string;
  /** What follows the table in CREATE INDEX. */
  readonly of: string;
}

/** Entries come one by one and must be found at once, so none wait to be added to the index. */
const wordIndexes = (place: string): readonly AuditIndex[] => [
  {
    name: 'entry_log_words_idx',
    of: `USING gin ((initiator_name || ' ' || action || ' ' || entity_type || ' ' || coalesce(entity_id, '') || ' '
      || details::text) ${place}.gin_trgm_ops) WITH (fastupdate = off)`,
  },
  {
    name: 'entry_log_initiator_words_idx',
    of: `USING gin (initiator_name ${place}.gin_trgm_ops) WITH (fastupdate = off)`,
  },
];

/** SQLSTATEs of a role that lacks a right, and of an extension that is not installed. */
const CANNOT_BE_HAD: readonly unknown[] = ['42501', '58P01', '0A000'];

/**
 * Lets words of the audit trail be found through trigrams, for which PostgreSQL brings the extension `pg_trgm`. May be
 * repeated: what is in place stays. Entries are written meanwhile.
 * @returns false: pg_trgm cannot be had here, so words are looked for without an index
 */
export async function indexAuditWords(db: Session): Promise<boolean> {
  try {
    await db.query('CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public');
    const [found] = (await db.query(
      `SELECT quote_ident(n.nspname) AS place
       FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'`,
    )) as { place: string }[];
    for (const index of wordIndexes(found?.place ?? 'public')) await buildAuditIndex(db, index);
    return true;
  } catch (error) {
    if (CANNOT_BE_HAD.includes((error as { code?: unknown }).code)) return false;
    throw error;
  }
}

/** Makes an index of the audit trail unless it is there and whole. Entries are written meanwhile. */
export async function buildAuditIndex(db: Session, { name, of }: AuditIndex): Promise<void> {
  const broken = (await db.query(
    `SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND indrelid = 'public.entry_log'::regclass AND NOT indisvalid`,
    [`public.${name}`],
  )) as unknown[];
  // A build that was interrupted leaves an index that is kept up to date and never used.
  if (broken.length > 0) await db.query(`DROP INDEX CONCURRENTLY IF EXISTS public.${name}`);
  await db.query(`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON public.entry_log ${of}`);
}
