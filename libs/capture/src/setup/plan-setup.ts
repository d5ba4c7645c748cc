import { escapeIdentifier } from 'pg';
import { tableName, type TableRef } from '@astro/sync-core';
import type { PreflightTable } from '../preflight/resolve-tables.js';
import { tableSql } from '../preflight/sql-names.js';
import { tableId } from '../preflight/source-schema.js';
import type { ProvenanceSql } from './provenance-sql.js';
import { alterPublicationSql, createPublicationSql, isSamePublication, wantedPublication } from './publication-sql.js';
import type { SourceState } from './source-state.js';

/** One change of the source, with its way back. */
export interface Step {
  /** What was done, for people; null for what happens at every set-up. */
  readonly words: string | null;
  readonly sql: readonly string[];
  /** Undoes exactly this step; empty when nothing must be undone. */
  readonly undoSql: readonly string[];
  /** The table that the step changes under a lock. */
  readonly locks: TableRef | null;
}

export interface SetupGoal {
  readonly publication: string;
  readonly tables: readonly PreflightTable[];
  readonly provenance: ProvenanceSql;
  /** Gets the rights to read; null: nobody else captures. */
  readonly workerRole: string | null;
}

/** What must be changed to come from `state` to `goal`; nothing that is right already. Pure. */
export function planSetup(state: SourceState, goal: SetupGoal): readonly Step[] {
  return [...provenanceSteps(state, goal), ...publicationSteps(state, goal), ...grantSteps(state, goal.workerRole)];
}

function provenanceSteps(state: SourceState, { tables, provenance }: SetupGoal): readonly Step[] {
  const install: Step = {
    words: state.hasProvenance ? null : `installed the origin functions in schema ${provenance.schema}`,
    sql: [provenance.installSql],
    undoSql: state.hasProvenance ? [] : [provenance.uninstallSql],
    locks: null,
  };
  const wanted = tables.flatMap(({ table, partitions }) => [table, ...partitions]);
  const missing = without(wanted, state.triggers).map((table) => ({
    words: `changes of ${tableName(table)} carry their origin`,
    sql: [provenance.triggerSql(table)],
    undoSql: [provenance.dropTriggerSql(table)],
    locks: table,
  }));
  const needless = without(state.triggers, wanted).map((table) => ({
    words: `removed the origin trigger of ${tableName(table)}, which no data set needs any more`,
    sql: [provenance.dropTriggerSql(table)],
    undoSql: [provenance.triggerSql(table)],
    locks: table,
  }));
  return [install, ...missing, ...needless];
}

function publicationSteps({ publication, serverVersion }: SourceState, goal: SetupGoal): readonly Step[] {
  const tables = goal.tables.map(({ table }) => table);
  const wanted = wantedPublication(tables);
  const name = goal.publication;
  const list = tables.map(tableName).join(', ');
  if (publication === null) {
    const sql = [createPublicationSql(name, wanted, serverVersion)];
    const undoSql = [`DROP PUBLICATION ${escapeIdentifier(name)}`];
    return [{ words: `made publication ${name} for ${list}`, sql, undoSql, locks: null }];
  }
  if (isSamePublication(publication, wanted)) return [];
  const sql = alterPublicationSql(name, { from: publication, to: wanted }, serverVersion);
  const undoSql = alterPublicationSql(name, { from: wanted, to: publication }, serverVersion);
  return [{ words: `changed publication ${name} to exactly ${list}`, sql, undoSql, locks: null }];
}

function grantSteps({ unreadableSchemas, unreadableTables }: SourceState, role: string | null): readonly Step[] {
  if (role === null) return [];
  const step = (right: string, object: string, label: string): Step => ({
    words: `granted ${right} on ${label} to ${role}`,
    sql: [`GRANT ${right} ON ${object} TO ${escapeIdentifier(role)}`],
    undoSql: [`REVOKE ${right} ON ${object} FROM ${escapeIdentifier(role)}`],
    locks: null,
  });
  return [
    ...unreadableSchemas.map((schema) => step('USAGE', `SCHEMA ${escapeIdentifier(schema)}`, `schema ${schema}`)),
    ...unreadableTables.map((table) => step('SELECT', `TABLE ${tableSql(table)}`, tableName(table))),
  ];
}

function without(tables: readonly TableRef[], others: readonly TableRef[]): readonly TableRef[] {
  const known = new Set(others.map(tableId));
  return tables.filter((table) => !known.has(tableId(table)));
}
