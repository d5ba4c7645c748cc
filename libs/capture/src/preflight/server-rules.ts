import type { ClientBase } from 'pg';
import type { Problem, SourceSettings } from '@astro/catalogue';

export const SOURCE_PLACE = 'OperationsDB';
/** Below it the catalogs of the server differ too much to look further. */
export const MINIMUM_VERSION = 140_000;

/** What the server and this session's role bring along. */
export interface ServerFacts {
  /** Such as 150004. */
  readonly version: number;
  readonly walLevel: string;
  readonly isStandby: boolean;
  readonly maxSlots: number;
  readonly usedSlots: number;
  readonly maxSenders: number;
  readonly usedSenders: number;
  /** Megabytes; -1: without limit. */
  readonly slotKeepMb: number;
  readonly encoding: string;
  readonly role: string;
  readonly mayReplicate: boolean;
}

export interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

const SERVER = `
SELECT pg_catalog.current_setting('server_version_num')::int AS version,
       pg_catalog.current_setting('wal_level') AS "walLevel",
       pg_catalog.pg_is_in_recovery() AS "isStandby",
       pg_catalog.current_setting('max_replication_slots')::int AS "maxSlots",
       (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_replication_slots) AS "usedSlots",
       pg_catalog.current_setting('max_wal_senders')::int AS "maxSenders",
       (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_stat_replication) AS "usedSenders",
       coalesce((SELECT setting::int FROM pg_catalog.pg_settings WHERE name = 'max_slot_wal_keep_size'), -1) AS "slotKeepMb",
       pg_catalog.current_setting('server_encoding') AS encoding,
       current_user AS role,
       (SELECT r.rolsuper OR r.rolreplication FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
         OR EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = 'rds_replication'
                    AND pg_catalog.pg_has_role(r.oid, 'USAGE')) AS "mayReplicate"`;

export async function readServerFacts(client: ClientBase): Promise<ServerFacts> {
  const { rows } = await client.query<ServerFacts>(SERVER);
  return rows[0]!;
}

/**
 * What stands against streaming from this server at all. Pure.
 * @param existing the slot is there already and needs no free place
 */
export function judgeServer(facts: ServerFacts, settings: SourceSettings, existing: boolean): Findings {
  const problems: Problem[] = [];
  const add = (what: string, fix: string) => problems.push({ place: SOURCE_PLACE, dataSet: null, what, fix });
  if (facts.version < MINIMUM_VERSION) {
    add(`the server is PostgreSQL ${versionText(facts.version)}`, 'use version 14 or later');
  }
  if (facts.isStandby) add('the server is a standby, which takes no publication', 'connect to the primary');
  if (facts.walLevel !== 'logical') {
    const fix = "ALTER SYSTEM SET wal_level = 'logical', then restart the server";
    add(`wal_level is "${facts.walLevel}", so changes cannot be streamed`, fix);
  }
  if (!existing && facts.usedSlots >= facts.maxSlots) {
    const fix = `drop an unused slot, or ALTER SYSTEM SET max_replication_slots = ${facts.maxSlots + 5} and restart the server`;
    add(`no replication slot is free (${facts.usedSlots} of ${facts.maxSlots} are taken)`, fix);
  }
  if (!existing && facts.usedSenders >= facts.maxSenders) {
    const fix = `ALTER SYSTEM SET max_wal_senders = ${facts.maxSenders + 5}, then restart the server`;
    add(`no WAL sender is free (${facts.usedSenders} of ${facts.maxSenders} are taken)`, fix);
  }
  if (facts.encoding === 'SQL_ASCII') {
    add('the database encoding is SQL_ASCII, so its texts have no known encoding', 'move to a database with UTF8');
  }
  return { problems, warnings: facts.slotKeepMb === -1 ? [unlimitedLog(settings.slot)] : [] };
}

/** The right to stream belongs to the role that captures. */
export function judgeRole({ mayReplicate, role }: ServerFacts): readonly Problem[] {
  if (mayReplicate) return [];
  const what = `role "${role}" may not stream changes`;
  return [{ place: SOURCE_PLACE, dataSet: null, what, fix: `ALTER ROLE "${role.replaceAll('"', '""')}" REPLICATION` }];
}

function unlimitedLog(slot: string): Problem {
  const what = `max_slot_wal_keep_size is -1, so slot "${slot}" can fill the server's disk while capture is down`;
  const fix = "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB', then SELECT pg_reload_conf()";
  return { place: SOURCE_PLACE, dataSet: null, what, fix };
}

function versionText(version: number): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`;
}
