import type { Catalogue, FlatTable } from '@astro/catalogue';
import type { TableRef } from '@astro/sync-core';
import type { PreflightTable } from './resolve-tables.js';
import { tableId } from './source-schema.js';

/** A SystemDB table that a data set is written to, with what feeds it. */
export interface SystemTargetTable {
  readonly dataSet: string;
  readonly path: readonly (string | number)[];
  readonly flat: FlatTable & { readonly target: TableRef };
  readonly source: PreflightTable;
}

/** Every SystemDB table of the catalogue whose source could be found. */
export function systemTargets(catalogue: Catalogue, tables: readonly PreflightTable[]): readonly SystemTargetTable[] {
  const sources = new Map(tables.map((table) => [tableId(table.table), table]));
  return catalogue.dataSets.flatMap((dataSet) => {
    if (dataSet.kind !== 'flat') return [];
    return dataSet.tables.flatMap((flat, index) => {
      const source = sources.get(tableId(flat.source));
      const { target } = flat;
      if (target === null || !source) return [];
      const path = ['dataSets', dataSet.name, 'tables', index];
      return [{ dataSet: dataSet.name, path, flat: { ...flat, target }, source }];
    });
  });
}
