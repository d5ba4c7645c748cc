import { PoisonError, fieldText } from '@astro/sync-core';
import { arrayLiteral } from '../../targets/postgres/array-literal.js';
import { keyValues, shapeOf, writableColumns } from '../../targets/postgres/batch-plan.js';
import { PostgresTarget, type PostgresTargetOptions } from '../../targets/postgres/postgres-target.js';
import { castSql, selectByKeySql } from '../../targets/postgres/statements.js';
import type { TableShape } from '../../targets/postgres/table-shape.js';
import { TargetSession } from '../../targets/postgres/target-session.js';
import { textDifference } from '../field-differences.js';
import type { FieldDifference } from '../model.js';
import type { Documents, Finding, TargetSide } from '../sides.js';

/** Texts in the order of the columns. */
type Row = readonly (string | null)[];

interface Pair {
  readonly key: string;
  readonly wanted: Row;
  readonly held: Row;
}

/** Rows of tables in SystemDB, looked at closely. */
export class PostgresSide implements TargetSide {
  private readonly session: TargetSession;
  private readonly target: PostgresTarget;

  constructor(options: PostgresTargetOptions) {
    this.session = new TargetSession(options.connection, options.tables);
    this.target = new PostgresTarget(options);
  }

  readState(): Promise<string | null> {
    return this.target.readState();
  }

  async compare(tableId: number, documents: Documents): Promise<ReadonlyMap<string, Finding>> {
    try {
      const shape = shapeOf(await this.session.tableShapes(), tableId);
      return new Map(await this.findings(shape, [...documents]));
    } catch (error) {
      await this.session.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.session.close(), this.target.reset()]);
  }

  private async findings(
    shape: TableShape,
    documents: readonly (readonly [string, string | null])[],
  ): Promise<readonly (readonly [string, Finding])[]> {
    const findings: [string, Finding][] = [];
    const columns = columnsOf(shape, documents);
    const held = await this.held(
      shape,
      columns,
      documents.map(([key]) => key),
    );
    const differing: Pair[] = [];
    for (const [key, document] of documents) {
      const row = held.get(key);
      const wanted = document === null ? null : valuesOf(document, columns);
      if (wanted === null && row) findings.push([key, { kind: 'extra' }]);
      if (wanted !== null && !row) findings.push([key, { kind: 'missing' }]);
      if (wanted !== null && row && !isEqual(wanted, row)) differing.push({ key, wanted, held: row });
    }
    for (const pair of await this.asTyped(shape, columns, differing)) {
      if (isEqual(pair.wanted, pair.held)) continue;
      findings.push([pair.key, { kind: 'different', fields: differingFields(columns, pair) }]);
    }
    return findings;
  }

  /** The rows that there are. A key that is no value of the target's type stands in none of them. */
  private async held(
    shape: TableShape,
    columns: readonly string[],
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, Row>> {
    if (keys.length === 0) return new Map();
    try {
      const rows = await this.session.run(
        shape,
        selectByKeySql(shape, columns),
        keyValues(keys, shape).map(arrayLiteral),
      );
      return new Map(rows.map(([n, ...row]) => [keys[Number(n) - 1] ?? '', row]));
    } catch (error) {
      if (!(error instanceof PoisonError)) throw error;
      if (keys.length === 1) return new Map();
      const middle = Math.ceil(keys.length / 2);
      const first = await this.held(shape, columns, keys.slice(0, middle));
      return new Map([...first, ...(await this.held(shape, columns, keys.slice(middle)))]);
    }
  }

  /** The source's values as the types of the target write them: a type may differ where the value does not. */
  private async asTyped(
    shape: TableShape,
    columns: readonly string[],
    pairs: readonly Pair[],
  ): Promise<readonly Pair[]> {
    if (pairs.length === 0) return [];
    const values = columns.map((_name, i) => arrayLiteral(pairs.map(({ wanted }) => wanted[i] ?? null)));
    try {
      const rows = await this.session.run(shape, castSql(shape, columns), values);
      const typed = new Map(rows.map(([n, ...row]) => [Number(n) - 1, row]));
      return pairs.map((pair, i) => ({ ...pair, wanted: typed.get(i) ?? pair.wanted }));
    } catch (error) {
      if (error instanceof PoisonError) return pairs; // the target cannot hold one of the values: it differs for sure
      throw error;
    }
  }
}

/** All rows of a table have the same columns. */
function columnsOf(shape: TableShape, documents: readonly (readonly [string, string | null])[]): readonly string[] {
  const document = documents.find(([, some]) => some !== null)?.[1];
  if (document === undefined || document === null) return shape.keyColumns;
  return writableColumns(shape, Object.keys(JSON.parse(document) as object));
}

function valuesOf(document: string, columns: readonly string[]): Row {
  const fields = JSON.parse(document) as Readonly<Record<string, string | number | boolean | null>>;
  return columns.map((name) => fieldText(fields[name] ?? null));
}

function isEqual(a: Row, b: Row): boolean {
  return a.every((value, i) => value === b[i]);
}

function differingFields(columns: readonly string[], { wanted, held }: Pair): readonly FieldDifference[] {
  return columns.flatMap((field, i) => {
    const [source, target] = [wanted[i] ?? null, held[i] ?? null];
    return source === target ? [] : [textDifference(field, source, target)];
  });
}
