import { type Definition } from '../data-sets/definition.js';
import { ApiProblem } from '../shared/api-problem.js';

interface Table {
  readonly schema: string;
  readonly name: string;
}

/** What an explanation is about, and where source and target keep it. */
export interface Subject {
  readonly dataSet: string;
  readonly key: string;
  readonly source: Table;
  readonly keyColumns: readonly string[];
  /** Null: all. */
  readonly columns: readonly string[] | null;
  readonly target:
    { readonly kind: 'document'; readonly redisKey: string } | { readonly kind: 'row'; readonly table: Table };
  /** How the document is made, when it is more than the row. */
  readonly joined: Extract<Definition, { kind: 'joined' }> | null;
}

export function nameOf({ schema, name }: Table): string {
  return `${schema}.${name}`;
}

/** @throws {ApiProblem} 400 when the table is not the data set's, or must be named */
export function subjectOf(definition: Definition, key: string, table: string | undefined): Subject {
  const candidates = definition.kind === 'joined' ? [joinedTable(definition)] : definition.tables;
  const found = table === undefined ? candidates : candidates.filter(({ source }) => nameOf(source) === table);
  const [chosen, ...others] = found;
  if (!chosen || others.length > 0) {
    const names = candidates.map(({ source }) => nameOf(source)).join(' or ');
    const detail = `Say which table the key belongs to: ${names}.`;
    throw new ApiProblem(400, { code: 'INVALID_REQUEST', detail, errors: [{ pointer: '/table', detail }] });
  }
  const { source, keyColumns, columns, target } = chosen;
  const subject = { dataSet: definition.name, key, source, keyColumns, columns };
  const joined = definition.kind === 'joined' ? definition : null;
  if (definition.target.endpoint === 'cache') {
    return { ...subject, joined, target: { kind: 'document', redisKey: definition.target.keyPrefix + key } };
  }
  return { ...subject, joined, target: { kind: 'row', table: target ?? source } };
}

function joinedTable({ root, keyColumns }: Extract<Definition, { kind: 'joined' }>) {
  return { source: root, keyColumns, columns: null, target: null };
}
