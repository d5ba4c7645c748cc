import { printSearch } from './search-params.js';

/** An address of this app with its search, such as `/changes?dataSet=launches`. What is undefined is left out. */
export function hrefOf(path: string, search: Readonly<Record<string, unknown>> = {}): string {
  return `${path}${printSearch(search)}`;
}

/** The page of a data set. */
export function dataSetHref(name: string, search: Readonly<Record<string, unknown>> = {}): string {
  return hrefOf(`/data-sets/${encodeURIComponent(name)}`, search);
}
