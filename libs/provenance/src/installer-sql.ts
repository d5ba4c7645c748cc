import { ORIGIN_MESSAGE_PREFIX } from '@astro/sync-core';
import { schemaName, type ProvenanceOptions } from './identifiers.js';
import { CLAIM_SETTINGS, EMITTED_SETTING, MAX_CLAIM_CHARACTERS } from './settings.js';

/**
 * SQL that makes PostgreSQL 14 to 18 record the origin of changes; the tables come with `triggerSql`.
 *
 * Idempotent; takes no lock on any table. Run it as one transaction (one query string is one), as a role that may
 * create a schema in the database. That role becomes the owner of the functions. What it installs:
 *
 * - `<schema>.set_origin(service, "user", action, reason, correlation_id)`: the claim of SQL users for the rest of
 *   their transaction. It replaces an earlier claim; a transaction that has written already gets a new message at
 *   once, and the last message of a transaction counts.
 * - `<schema>.record_origin()`: the trigger function. Once per transaction it writes a transactional logical message
 *   with the prefix `sync.origin` and, as UTF-8 JSON, what the application claims and what the server observes; a
 *   field without a value is null or empty there.
 *
 * The trigger function runs with its owner's rights, so the writing role needs none: not even on the schema. A
 * database administrator who wants `observed` to be proof may therefore take `pg_logical_emit_message` away from
 * PUBLIC, as long as the owner of the functions keeps it.
 *
 * An application's own write does not fail because of a claim: texts are cut at 500 characters, and a text that is
 * not valid in the database's encoding loses foreign characters instead of raising an error.
 *
 * @throws {ConfigError} for a schema name that would need quotes
 */
export function provenanceSql(options: ProvenanceOptions = {}): string {
  const schema = schemaName(options);
  return [
    createSchemaSql(schema),
    contentFunctionSql(schema),
    printableFunctionSql(schema),
    emitFunctionSql(schema),
    triggerFunctionSql(schema),
    setOriginSql(schema),
  ].join('\n\n');
}

/**
 * Removes everything that `provenanceSql` and `triggerSql` installed; tables stay as they are otherwise. Idempotent.
 * Takes an exclusive lock on each table that has the trigger, so set a `lock_timeout` before. The schema itself stays
 * when something else lives in it.
 * @throws {ConfigError} for a schema name that would need quotes
 */
export function uninstallSql(options: ProvenanceOptions = {}): string {
  const schema = schemaName(options);
  return `DO $sync$
BEGIN
  IF pg_catalog.to_regnamespace('${schema}') IS NULL THEN RETURN; END IF;
  DROP FUNCTION IF EXISTS ${schema}.record_origin() CASCADE; -- and with it the triggers
  DROP FUNCTION IF EXISTS ${schema}.set_origin(${repeated('pg_catalog.text', 5)});
  DROP FUNCTION IF EXISTS ${schema}.emit_origin();
  DROP FUNCTION IF EXISTS ${schema}.printable(pg_catalog.text);
  DROP FUNCTION IF EXISTS ${schema}.origin_content(pg_catalog.text[]);
  BEGIN
    DROP SCHEMA ${schema};
  EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
  END;
END
$sync$;`;
}

/** The lock lets several starting processes install at the same time. PUBLIC may call `set_origin`. */
function createSchemaSql(schema: string): string {
  return `DO $sync$
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('astro.provenance', 0));
  IF pg_catalog.to_regnamespace('${schema}') IS NULL THEN
    CREATE SCHEMA ${schema};
    GRANT USAGE ON SCHEMA ${schema} TO PUBLIC;
  END IF;
END
$sync$;`;
}

/** Every name below is qualified: the functions run under whatever search_path the writing session has. */
const TEXT = 'pg_catalog.text';

/** No field of a message of at most this many bytes is longer than {@link MAX_CLAIM_CHARACTERS}. */
const QUICK_BYTES = 512;

const CLAIMS = Object.entries(CLAIM_SETTINGS).map(([field, setting]) => ({
  field,
  value: `pg_catalog.current_setting('${setting}', true)`,
}));

const OBSERVED = [
  { field: 'role', value: `session_user::${TEXT}` },
  { field: 'application', value: "pg_catalog.current_setting('application_name')" },
  { field: 'address', value: 'pg_catalog.host(pg_catalog.inet_client_addr())' },
];

/** SQL of the message's JSON; `value` gives the SQL of the text for each field, numbered from 1. */
function contentSql(value: (own: string, number: number) => string): string {
  const object = (fields: typeof CLAIMS, offset: number) =>
    fields.map((field, i) => `'${field.field}', ${value(field.value, offset + i)}`).join(', ');
  return `pg_catalog.concat(
      '{"asserted":', pg_catalog.json_object(ARRAY[${object(CLAIMS, 1)}]),
      ',"observed":', pg_catalog.json_object(ARRAY[${object(OBSERVED, 1 + CLAIMS.length)}]), '}')`;
}

/** Raises an error for texts that are not valid in the database's encoding. */
function contentFunctionSql(schema: string): string {
  const cut = (_own: string, number: number) => `pg_catalog.left(texts[${number}], ${MAX_CLAIM_CHARACTERS})`;
  return `-- The message for these eight texts, cut to a fair length.
CREATE OR REPLACE FUNCTION ${schema}.origin_content(texts ${TEXT}[]) RETURNS pg_catalog.bytea
LANGUAGE plpgsql STABLE AS $sync$
BEGIN
  RETURN pg_catalog.convert_to(${contentSql(cut)}, 'UTF8');
END
$sync$;`;
}

/** Settings can hold bytes that are no text here: from the startup packet, or from a role shared with other databases. */
function printableFunctionSql(schema: string): string {
  return `-- The text itself; when it is not valid in the database's encoding, its ASCII characters.
CREATE OR REPLACE FUNCTION ${schema}.printable(claim ${TEXT}) RETURNS ${TEXT} LANGUAGE plpgsql STABLE AS $sync$
DECLARE
  content pg_catalog.bytea;
BEGIN
  content := ${schema}.origin_content(ARRAY[claim]);
  RETURN claim;
EXCEPTION WHEN OTHERS THEN
  BEGIN
    claim := pg_catalog.regexp_replace(claim, '[^ -~]', '?', 'g');
    content := ${schema}.origin_content(ARRAY[claim]);
    RETURN claim;
  EXCEPTION WHEN OTHERS THEN
    RETURN '?';
  END;
END
$sync$;`;
}

/** The careful way, for what the trigger's quick one does not take. */
function emitFunctionSql(schema: string): string {
  return `-- Writes the message now and remembers that this transaction has it. Both go when a savepoint is rolled back.
CREATE OR REPLACE FUNCTION ${schema}.emit_origin() RETURNS ${TEXT} LANGUAGE plpgsql SECURITY DEFINER AS $sync$
DECLARE
  texts ${TEXT}[] := ARRAY[
    ${[...CLAIMS, ...OBSERVED].map(({ value }) => value).join(',\n    ')}
  ];
  content pg_catalog.bytea;
  written_at pg_catalog.pg_lsn;
BEGIN
  BEGIN
    content := ${schema}.origin_content(texts);
  EXCEPTION WHEN OTHERS THEN -- never the application's problem
    FOR i IN 1 .. ${CLAIMS.length + OBSERVED.length} LOOP
      texts[i] := ${schema}.printable(texts[i]);
    END LOOP;
    content := ${schema}.origin_content(texts);
  END;
  written_at := pg_catalog.pg_logical_emit_message(true, '${ORIGIN_MESSAGE_PREFIX}', content);
  RETURN pg_catalog.set_config('${EMITTED_SETTING}', pg_catalog.pg_current_xact_id()::${TEXT}, true);
END
$sync$;`;
}

/**
 * Fires after the statement: one that changed no row then costs neither a transaction id nor a flush of the log.
 * There is no WHEN clause, because the server parses one anew for every statement; the first line here is cheaper.
 * The rest has few expressions, because plpgsql prepares each of them anew in every transaction: one that makes the
 * content, one that writes it and remembers. A message this short holds no text that had to be cut.
 * STABLE, though it writes a message, because it reads no table: else each expression would get a new snapshot. So it
 * may hold nothing but expressions: a statement that writes would fail the application's own.
 */
function triggerFunctionSql(schema: string): string {
  return `CREATE OR REPLACE FUNCTION ${schema}.record_origin() RETURNS pg_catalog.trigger
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $sync$
DECLARE
  content ${TEXT};
  emitted ${TEXT};
BEGIN
  -- Not true, but null, as long as the transaction has no id because it has changed nothing.
  IF COALESCE(pg_catalog.current_setting('${EMITTED_SETTING}', true), '')
    OPERATOR(pg_catalog.<>) pg_catalog.pg_current_xact_id_if_assigned()::${TEXT}
  THEN
    content := ${contentSql((own) => own)};
    emitted := CASE
      WHEN pg_catalog.octet_length(content) OPERATOR(pg_catalog.<=) ${QUICK_BYTES}
        AND pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.=) 'UTF8'
      THEN pg_catalog.set_config('${EMITTED_SETTING}', pg_catalog.pg_current_xact_id()::${TEXT},
        pg_catalog.pg_logical_emit_message(true, '${ORIGIN_MESSAGE_PREFIX}', content) IS NOT NULL)
      ELSE ${schema}.emit_origin()
    END;
  END IF;
  RETURN NULL;
END
$sync$;`;
}

function setOriginSql(schema: string): string {
  return `CREATE OR REPLACE FUNCTION ${schema}.set_origin(
  service ${TEXT}, "user" ${TEXT} DEFAULT NULL, action ${TEXT} DEFAULT NULL, reason ${TEXT} DEFAULT NULL,
  correlation_id ${TEXT} DEFAULT NULL
) RETURNS pg_catalog.void LANGUAGE plpgsql AS $sync$
DECLARE
  this_transaction ${TEXT} := pg_catalog.pg_current_xact_id_if_assigned()::${TEXT};
BEGIN
  PERFORM pg_catalog.set_config('${CLAIM_SETTINGS.service}', $1, true),
    pg_catalog.set_config('${CLAIM_SETTINGS.user}', $2, true),
    pg_catalog.set_config('${CLAIM_SETTINGS.action}', $3, true),
    pg_catalog.set_config('${CLAIM_SETTINGS.reason}', $4, true),
    pg_catalog.set_config('${CLAIM_SETTINGS.correlationId}', $5, true);
  IF pg_catalog.current_setting('${EMITTED_SETTING}', true) OPERATOR(pg_catalog.=) this_transaction THEN
    PERFORM ${schema}.emit_origin();
  END IF;
END
$sync$;`;
}

function repeated(item: string, times: number): string {
  return Array.from({ length: times }, () => item).join(', ');
}
