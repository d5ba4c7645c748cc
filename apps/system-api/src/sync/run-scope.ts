import { Injectable } from '@nestjs/common';
import { type FilterCondition, type PreviewRequest } from '@astro/contracts';
import { readDataSets, type DataSetDescription, type ScopeTable } from '@astro/runs';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { ValueCheck } from './value-check.js';

type Fault = { readonly pointer: string; readonly detail: string };
type Asked = Pick<PreviewRequest, 'datasets' | 'mode' | 'options'>;

/** Checks what a run is asked for against what the workers have registered, before anything starts (E11). */
@Injectable()
export class RunScope {
  constructor(
    private readonly connections: Connections,
    private readonly values: ValueCheck,
  ) {}

  /**
   * @returns names of the data sets, each once, in their stored order
   * @throws {ApiProblem} 422 with a pointer to everything that is wrong
   */
  async resolve(asked: Asked): Promise<readonly string[]> {
    const known = await readDataSets(this.connections.systemDb);
    if (known.length === 0) {
      throw new ApiProblem(409, {
        code: 'NO_DATA_SETS',
        detail: 'No worker has registered its data sets yet. Start sync-worker, then try again.',
      });
    }
    const faults = nameFaults(asked.datasets, known);
    const chosen = known.filter(({ name }) => asked.datasets === 'all' || asked.datasets.includes(name));
    if (faults.length === 0) faults.push(...(await this.optionFaults(asked, chosen)));
    if (faults.length === 0) return chosen.map(({ name }) => name);
    const code = faults.some(({ pointer }) => pointer.startsWith('/datasets')) ? 'UNKNOWN_DATA_SET' : 'INVALID_SCOPE';
    throw new ApiProblem(422, { code, detail: faults[0]?.detail ?? '', errors: faults });
  }

  private async optionFaults(asked: Asked, chosen: readonly DataSetDescription[]): Promise<Fault[]> {
    const { table: tableName, keys, filter } = asked.options;
    if (!keys && !filter) {
      if (tableName === undefined) return [];
      return [{ pointer: '/options/table', detail: 'A table is named only together with keys or a filter.' }];
    }
    const misfit = narrowingFault(asked, chosen.length);
    if (misfit !== null) return [{ pointer: keys ? '/options/keys' : '/options/filter', detail: misfit }];
    const table = tableOf(chosen, tableName);
    if ('pointer' in table) return [table];
    return keys ? this.keyFaults(keys, table) : this.filterFaults(filter ?? [], table);
  }

  private async keyFaults(keys: readonly string[], table: ScopeTable): Promise<Fault[]> {
    const faults: Fault[] = [];
    const columns = table.keyColumns.map((name) => table.columns.find((column) => column.name === name));
    const parts = keys.map((key) => (columns.length === 1 ? [key] : compoundKey(key, columns.length)));
    parts.forEach((part, index) => {
      if (part) return;
      const detail = `The key of ${table.name} has ${columns.length} columns: write a JSON array of ${columns.length} texts.`;
      faults.push({ pointer: `/options/keys/${index}`, detail });
    });
    if (faults.length > 0) return faults;
    for (const [place, column] of columns.entries()) {
      const bad = await this.values.firstBad(
        column?.type ?? 'text',
        parts.map((part) => part?.[place] ?? ''),
      );
      if (bad === null) continue;
      const detail = `This is no value of the key column ${column?.name ?? ''} (${column?.type ?? ''}) of ${table.name}.`;
      faults.push({ pointer: `/options/keys/${bad}`, detail });
    }
    return faults;
  }

  private async filterFaults(filter: readonly FilterCondition[], table: ScopeTable): Promise<Fault[]> {
    const faults: Fault[] = [];
    for (const [index, condition] of filter.entries()) {
      const fault = await this.conditionFault(condition, table);
      if (fault) faults.push({ pointer: `/options/filter/${index}${fault.pointer}`, detail: fault.detail });
    }
    return faults;
  }

  private async conditionFault(condition: FilterCondition, table: ScopeTable): Promise<Fault | null> {
    const { operator, value } = condition;
    const column = table.columns.find(({ name }) => name === condition.column);
    if (!column) {
      const names = table.columns.map(({ name }) => name).join(', ');
      return { pointer: '/column', detail: `${table.name} has no column "${condition.column}"; it has ${names}.` };
    }
    const shape = shapeFault(condition);
    if (shape) return { pointer: '/value', detail: shape };
    if (operator === 'is_null' || operator === 'is_not_null') return null;
    const texts = [value ?? ''].flat().map(String);
    if ((await this.values.firstBad(column.type, texts)) !== null) {
      return { pointer: '/value', detail: `This is no value of the column ${column.name} (${column.type}).` };
    }
    if (await this.values.compares(column.type, operator)) return null;
    return {
      pointer: '/operator',
      detail: `The column ${column.name} (${column.type}) cannot be compared with ${operator}.`,
    };
  }
}

function nameFaults(datasets: Asked['datasets'], known: readonly DataSetDescription[]): Fault[] {
  if (datasets === 'all') return [];
  const names = known.map(({ name }) => name);
  return datasets.flatMap((name, index) => {
    const pointer = `/datasets/${index}`;
    if (!names.includes(name))
      return [{ pointer, detail: `There is no data set "${name}"; there is ${names.join(', ')}.` }];
    return datasets.indexOf(name) < index ? [{ pointer, detail: `"${name}" is named twice.` }] : [];
  });
}

/** Why keys or a filter make no sense here. */
function narrowingFault({ mode, options }: Asked, dataSets: number): string | null {
  if (mode === 'incremental') {
    return 'An incremental run brings over everything that is pending; take full, verify or repair.';
  }
  if (options.keys && options.filter) return 'Name either keys or a filter, not both.';
  return dataSets === 1 ? null : 'Keys and filters are for one data set; name just one.';
}

function tableOf(chosen: readonly DataSetDescription[], name: string | undefined): ScopeTable | Fault {
  const { name: dataSet, tables } = chosen[0] ?? { name: '', tables: [] };
  const names = tables.map((table) => table.name).join(', ');
  const found = name === undefined ? tables[0] : tables.find((table) => table.name === name);
  if (name === undefined && tables.length > 1) {
    return { pointer: '/options/table', detail: `"${dataSet}" has several tables; name one of ${names}.` };
  }
  return found ?? { pointer: '/options/table', detail: `"${dataSet}" has no table "${name ?? ''}"; it has ${names}.` };
}

function compoundKey(key: string, columns: number): readonly string[] | null {
  try {
    const parts: unknown = JSON.parse(key);
    const isKey = Array.isArray(parts) && parts.length === columns && parts.every((part) => typeof part === 'string');
    return isKey ? parts : null;
  } catch {
    return null;
  }
}

function shapeFault({ operator, value }: FilterCondition): string | null {
  switch (operator) {
    case 'is_null':
    case 'is_not_null':
      return value === undefined ? null : `${operator} takes no value.`;
    case 'in':
      return Array.isArray(value) ? null : 'in takes a list of values.';
    default:
      return value === undefined || Array.isArray(value) ? `${operator} takes one value.` : null;
  }
}
