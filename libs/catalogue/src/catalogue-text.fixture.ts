import { ConfigError } from '@astro/sync-core';
import { parseCatalogue } from './parse-catalogue.js';

export const FLAT = `    from: operations
    to: cache
    tables: [public.rockets]
`;
/** A catalogue with one good data set whose lines start at line 3 of the file. */
export const one = (lines: string, name = 'rockets') => `version: 1\ndataSets:\n  ${name}:\n${lines}`;
export const system = (lines: string) => one(`    from: operations\n    to: system\n${lines}`);
export const joined = (lines: string) =>
  one(`    from: operations\n    to: cache\n    root: public.launches\n    key: id\n${lines}`);
export const SELECT = '    query: SELECT id FROM public.launches WHERE id = ANY($1)\n';

/** Every line of the error that the text gives; none when it is fine. */
export function problemsOf(text: string): readonly string[] {
  try {
    parseCatalogue(text, 'c.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

/** A problem of some data set at `line:column` whose text starts like this. */
export function lineLike(place: string, message: string): RegExp {
  const escaped = message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^c\\.yaml:${place}  data set "[^"]+": ${escaped}`);
}
