import { tableName, type TableRef } from '@astro/sync-core';
import type { DataSet, FlatDataSet, JoinedDataSet } from './model.js';
import type { CataloguePath, ProblemList } from './problem.js';

/** Checks what no data set can know alone: that no two of them write or read the same thing in conflicting ways. */
export function checkTogether(dataSets: readonly DataSet[], list: ProblemList): void {
  checkKeyPrefixes(dataSets, list);
  checkTargets(dataSets, list);
  checkKeys(dataSets, list);
  for (const dataSet of dataSets) {
    if (dataSet.kind === 'flat') checkSources(dataSet, list);
    else checkReads(dataSet, list);
  }
}

function checkKeyPrefixes(dataSets: readonly DataSet[], list: ProblemList): void {
  const prefixes = dataSets.flatMap(({ name, target }) =>
    target.endpoint === 'cache' ? [{ name, prefix: target.keyPrefix }] : [],
  );
  prefixes.forEach(({ name, prefix }, index) => {
    for (const other of prefixes.slice(0, index)) {
      if (!prefix.startsWith(other.prefix) && !other.prefix.startsWith(prefix)) continue;
      const what = `its cache keys "${prefix}…" cannot be told from "${other.prefix}…" of data set "${other.name}"`;
      list.at(['dataSets', name, 'cache', 'keyPrefix'], what, `use another keyPrefix, such as "{${name}}:"`);
    }
  });
}

function checkTargets(dataSets: readonly DataSet[], list: ProblemList): void {
  const writers = new Map<string, string>();
  for (const dataSet of dataSets) {
    if (dataSet.kind !== 'flat') continue;
    dataSet.tables.forEach(({ target }, index) => {
      if (target === null || target.name === '') return;
      const writer = writers.get(id(target));
      writers.set(id(target), dataSet.name);
      if (writer === undefined) return;
      const path = ['dataSets', dataSet.name, 'tables', index, 'into'];
      const what = `SystemDB table ${tableName(target)} is already written by data set "${writer}"`;
      list.at(path, what, 'write into: with another table');
    });
  }
}

/** The ledger knows one key per table, so every data set must mean the same one. */
function checkKeys(dataSets: readonly DataSet[], list: ProblemList): void {
  const keys = new Map<string, { key: string; dataSet: string }>();
  for (const { table, keyColumns, path } of dataSets.flatMap(namedKeys)) {
    if (keyColumns.length === 0) continue;
    const key = keyColumns.join(', ');
    const first = keys.get(id(table)) ?? { key, dataSet: String(path[1]) };
    keys.set(id(table), first);
    if (first.key === key) continue;
    const what = `${tableName(table)} has key (${key}) here and key (${first.key}) in data set "${first.dataSet}"`;
    list.at(path, what, 'name the same key columns in the same order');
  }
}

interface NamedKey {
  readonly table: TableRef;
  readonly keyColumns: readonly string[];
  readonly path: CataloguePath;
}

function namedKeys(dataSet: DataSet): readonly NamedKey[] {
  const base = ['dataSets', dataSet.name];
  if (dataSet.kind === 'joined') {
    return [{ table: dataSet.root, keyColumns: dataSet.keyColumns, path: [...base, 'key'] }];
  }
  return dataSet.tables.map(({ source, keyColumns }, index) => ({
    table: source,
    keyColumns,
    path: [...base, 'tables', index, 'key'],
  }));
}

function checkSources(dataSet: FlatDataSet, list: ProblemList): void {
  const ids = dataSet.tables.map(({ source }) => id(source));
  dataSet.tables.forEach(({ source }, index) => {
    if (source.name === '' || ids.indexOf(ids[index]!) === index) return;
    list.at(['dataSets', dataSet.name, 'tables', index], `${tableName(source)} is listed twice`, 'keep it once');
  });
}

function checkReads(dataSet: JoinedDataSet, list: ProblemList): void {
  const reads = dataSet.reads.map((read) => JSON.stringify(read));
  dataSet.reads.forEach(({ table }, index) => {
    if (reads.indexOf(reads[index]!) === index) return;
    const what = `${tableName(table)} is listed twice in the same way`;
    list.at(['dataSets', dataSet.name, 'reads', index], what, 'keep it once');
  });
}

function id(table: TableRef): string {
  return JSON.stringify([table.schema, table.name]);
}
