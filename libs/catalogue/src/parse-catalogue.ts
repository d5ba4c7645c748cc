import { catalogueSchema, type CatalogueShape } from './catalogue-schema.js';
import { checkTogether } from './catalogue-rules.js';
import { DataSetReader } from './data-set-reader.js';
import type { Catalogue, DataSet, SourceSettings } from './model.js';
import { ProblemList, problemsError, type CatalogueFile } from './problem.js';
import { reportShape } from './schema-problems.js';
import { readYaml } from './yaml-text.js';

/** Data set names are part of Redis keys, queue names and web addresses. */
const DATA_SET_NAME = /^[a-z][a-z0-9_-]{0,62}$/;
const SLOT_NAME = /^[a-z0-9_]{1,63}$/;

/**
 * Reads a catalogue.
 * @param fileName as messages should name it
 * @throws {ConfigError} with one line per problem: `file:line:column  data set "x": what is wrong; how to fix`
 */
export function parseCatalogue(text: string, fileName: string): Catalogue {
  const { value, file, problems } = readYaml(text, fileName);
  if (problems.length > 0) throw problemsError(problems);
  const list = new ProblemList(file);
  checkNames(value, list);
  const parsed = catalogueSchema.safeParse(value);
  if (!parsed.success) reportShape(parsed.error.issues, value, list);
  if (!parsed.success || list.problems.length > 0) throw inFileOrder(list, file);

  const source = readSource(parsed.data.source, list);
  const dataSets = readDataSets(parsed.data, list);
  checkTogether(dataSets, list);
  if (list.problems.length > 0) throw inFileOrder(list, file);
  return { source, dataSets, file };
}

function inFileOrder(list: ProblemList, { name }: CatalogueFile): Error {
  const key = (place: string): number => {
    const [line = 0, column = 0] = place
      .slice(name.length + 1)
      .split(':')
      .map(Number);
    return line * 1_000_000 + column;
  };
  return problemsError([...list.problems].sort((a, b) => key(a.place) - key(b.place)));
}

/** Names are checked on the raw value, because a schema drops names such as `__proto__` without a word. */
function checkNames(value: unknown, list: ProblemList): void {
  const dataSets = (value as { dataSets?: unknown } | null)?.dataSets;
  if (typeof dataSets !== 'object' || dataSets === null || Array.isArray(dataSets)) return;
  const names = Object.keys(dataSets);
  if (names.length === 0) list.at(['dataSets'], '"dataSets" is empty', 'name at least one data set');
  for (const name of names) {
    if (DATA_SET_NAME.test(name)) continue;
    const fix = 'use up to 63 lower-case letters, digits, - and _, starting with a letter';
    list.at(['dataSets', name], 'the name is not allowed', fix);
  }
}

function readSource(shape: CatalogueShape['source'], list: ProblemList): SourceSettings {
  const { url, publication, slot } = shape;
  if (url !== undefined && !/^postgres(ql)?:\/\//.test(url)) {
    list.at(
      ['source', 'url'],
      '"url" is not a PostgreSQL address',
      'write postgres://user:password@host:5432/database',
    );
  }
  if (publication.trim() === '' || Buffer.byteLength(publication) > 63) {
    list.at(['source', 'publication'], `"${publication}" cannot name a publication`, 'use 1 to 63 characters');
  }
  if (!SLOT_NAME.test(slot)) {
    const fix = 'use up to 63 lower-case letters, digits and _';
    list.at(['source', 'slot'], `"${slot}" cannot name a replication slot`, fix);
  }
  return { url: url ?? null, publication, slot };
}

function readDataSets(shape: CatalogueShape, list: ProblemList): readonly DataSet[] {
  return Object.entries(shape.dataSets).flatMap(([name, dataSet]) => {
    const read = new DataSetReader(name, dataSet, list).read();
    return read === null ? [] : [read];
  });
}
