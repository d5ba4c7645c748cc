import { type TestApi } from './api.fixture.js';

type Sql = TestApi['sql'];

const DEFINITIONS = [
  {
    name: 'bookings',
    kind: 'flat',
    mode: 'realtime',
    schedule: null,
    target: { endpoint: 'cache', keyPrefix: '{bookings}:', compressOverBytes: null },
    tables: [{ source: { schema: 'public', name: 'bookings' }, target: null, keyColumns: ['id'], columns: null }],
  },
  {
    name: 'launches',
    kind: 'joined',
    mode: 'realtime',
    schedule: null,
    target: { endpoint: 'cache', keyPrefix: '{launches}:', compressOverBytes: null },
    root: { schema: 'public', name: 'launches' },
    keyColumns: ['id'],
    query: `SELECT l.id, l.price, json_build_object('name', a.name) AS agency
      FROM public.launches l LEFT JOIN public.agencies a ON a.id = l.agency_id WHERE l.id = ANY($1)`,
    nested: ['agency'],
    reads: [
      { table: { schema: 'public', name: 'bookings' }, via: { column: 'launch_id' } },
      {
        table: { schema: 'public', name: 'agencies' },
        via: { of: 'id', query: 'SELECT id FROM public.launches WHERE agency_id = ANY($1)' },
      },
    ],
  },
  {
    name: 'profiles',
    kind: 'flat',
    mode: 'scheduled',
    schedule: { cron: '*/5 * * * *', timeZone: 'UTC' },
    target: { endpoint: 'system' },
    tables: [
      {
        source: { schema: 'public', name: 'agencies' },
        target: { schema: 'public', name: 'agency_profiles' },
        keyColumns: ['id'],
        columns: null,
      },
    ],
  },
];

/** Tables of the source by id: 1 bookings, 2 launches, 3 agencies. Lanes: 1 bookings, 2 launches, 3 profiles. */
export async function declareDataSets(sql: Sql): Promise<void> {
  await sql(`INSERT INTO sync.sources (name, history, slot, commit_lsn, safe_lsn, state)
    VALUES ('operations', '7/1', 'astro', '0/0', '0/0', 'streaming')`);
  await sql(`INSERT INTO sync.ledger_tables (source_id, schema_name, table_name, key_columns)
    SELECT 1, 'public', name, '{id}' FROM unnest(ARRAY['bookings', 'launches', 'agencies']) WITH ORDINALITY AS t (name, n)
    ORDER BY n`);
  await sql(`INSERT INTO sync.ledger_lanes (name, data_set, source_id, target, job_type, state, position_lsn, position_seq)
    VALUES ('bookings', 'bookings', 1, 'cache', 'realtime', 'streaming', '0/0', -1),
      ('launches', 'launches', 1, 'cache', 'realtime', 'streaming', '0/0', -1),
      ('profiles', 'profiles', 1, 'system', 'batch', 'streaming', '0/0', -1)`);
  await sql(`INSERT INTO sync.lane_tables (lane_id, table_id, since_lsn)
    VALUES (1, 1, '0/0'), (2, 1, '0/0'), (2, 2, '0/0'), (2, 3, '0/0'), (3, 3, '0/0')`);
  for (const definition of DEFINITIONS) {
    await sql('INSERT INTO sync.data_set_definitions (name, definition) VALUES ($1, $2)', [
      definition.name,
      JSON.stringify(definition),
    ]);
  }
}

export interface Written {
  /** Hex digits of the commit position. */
  readonly lsn: string;
  readonly at: string;
  readonly origin?: { service?: string; user?: string; action?: string; correlationId?: string };
  readonly changes: readonly {
    readonly table: 1 | 2 | 3;
    readonly op: 'i' | 'u' | 'd';
    readonly key: string;
    readonly oldKey?: string;
    readonly before?: Record<string, unknown>;
    readonly after?: Record<string, unknown>;
  }[];
}

/** Stores source transactions as capture does. */
export async function write(sql: Sql, transactions: readonly Written[]): Promise<void> {
  for (const { lsn, at, origin = {}, changes } of transactions) {
    const position = `0/${lsn}`;
    await sql(
      `INSERT INTO sync.ledger_transactions (source_id, commit_lsn, xid, committed_at, change_count, service, "user", action,
         correlation_id, observed_role, unattributed, created_at)
       VALUES (1, $1, '7', $2, $3, $4, $5, $6, $7, 'app_rw', $8, $2)`,
      [
        position,
        at,
        changes.length,
        origin.service ?? null,
        origin.user ?? null,
        origin.action ?? null,
        origin.correlationId ?? null,
        Object.keys(origin).length === 0,
      ],
    );
    for (const [seq, { table, op, key, oldKey, before, after }] of changes.entries()) {
      await sql(
        `INSERT INTO sync.ledger_changes (table_id, seq, commit_lsn, xid, op, bytes, created_at, key, old_key, before, after)
         VALUES ($1, $2, $3, '7', $4, 100, $5, $6, $7, $8, $9)`,
        [table, seq, position, op, at, key, oldKey ?? null, text(before), text(after)],
      );
    }
    await sql(`UPDATE sync.sources SET commit_lsn = $1, safe_lsn = $1`, [position]);
  }
}

/** All lanes, or one, have applied everything up to this position. */
export async function applied(sql: Sql, lsn: string, lane: number | null = null): Promise<void> {
  const position = `0/${lsn}`;
  await sql(
    `UPDATE sync.ledger_lanes SET position_lsn = $1, position_seq = 100, applied_at = clock_timestamp()
     WHERE $2::int IS NULL OR id = $2`,
    [position, lane],
  );
  await sql(
    `INSERT INTO sync.lane_batches (lane_id, to_lsn, to_seq, changes)
     SELECT id, $1, 100, 3 FROM sync.ledger_lanes WHERE $2::int IS NULL OR id = $2`,
    [position, lane],
  );
}

/** A worker says that all is well, at this moment or `ageS` seconds ago. */
export async function reported(sql: Sql, ageS = 0): Promise<void> {
  await sql(
    `INSERT INTO sync.components (name, healthy, detail, checked_at)
     SELECT name, true, 'Moving.', now() - make_interval(secs => $1)
     FROM unnest(ARRAY['heartbeat', 'data set bookings', 'data set launches', 'data set profiles']) AS n (name)
     ON CONFLICT (name) DO UPDATE SET healthy = true, checked_at = excluded.checked_at`,
    [ageS],
  );
}

function text(image: Record<string, unknown> | undefined): string | null {
  return image === undefined ? null : JSON.stringify(image);
}
