import { tableName, type TableRef } from '@astro/sync-core';
import type { DataSetShape, FlatTableShape, ReadShape } from './catalogue-schema.js';
import type { CacheTarget, DataSet, FlatTable, JoinedRead, SystemTarget } from './model.js';
import type { CataloguePath, ProblemList } from './problem.js';
import { cronFault, isTimeZone, timeZones } from './schedule-rules.js';
import { suggest } from './suggest.js';
import { parseTableName } from './table-name.js';

const UNKNOWN_TABLE: TableRef = { schema: '', name: '' };

/** Turns one entry of the file into a data set, with defaults filled in; what is wrong goes to `list`. */
export class DataSetReader {
  private readonly path: CataloguePath;

  constructor(
    private readonly name: string,
    private readonly shape: DataSetShape,
    private readonly list: ProblemList,
  ) {
    this.path = ['dataSets', name];
  }

  /** @returns null when it cannot be told whether the data set is flat or joined */
  read(): DataSet | null {
    this.checkSchedule();
    const { tables, root, query, mode, maxAtomicRows, chunkRows } = this.shape;
    const schedule = this.shape.schedule ?? null;
    const base = { name: this.name, mode, schedule, maxAtomicRows, chunkRows, target: this.target() };
    if (tables && (root !== undefined || query !== undefined)) {
      this.wrong(['tables'], '"tables" and "root" or "query" do not go together', 'keep tables, or root with query');
      return null;
    }
    if (tables) {
      this.checkFlat(tables);
      return { ...base, kind: 'flat', tables: tables.map((table, index) => this.flatTable(table, index)) };
    }
    if (root === undefined && query === undefined) {
      this.wrong([], 'it says neither what to copy nor what to join', 'add tables: [schema.table], or root with query');
      return null;
    }
    return { ...base, kind: 'joined', ...this.joined() };
  }

  private wrong(path: CataloguePath, what: string, fix: string): void {
    this.list.at([...this.path, ...path], what, fix);
  }

  private checkSchedule(): void {
    const { mode, schedule } = this.shape;
    if (mode === 'scheduled' && !schedule) {
      this.wrong(['mode'], 'mode "scheduled" needs a schedule', "add schedule: { cron: '*/5 * * * *', timeZone: UTC }");
    }
    if (!schedule) return;
    if (mode !== 'scheduled') {
      this.wrong(['schedule'], 'a realtime data set has no schedule', 'write mode: scheduled, or remove the schedule');
    }
    const fault = cronFault(schedule.cron);
    if (fault) {
      const fix = "write it like '*/5 * * * *' for every five minutes";
      this.wrong(['schedule', 'cron'], `"${schedule.cron}" is not a cron expression: ${fault}`, fix);
    }
    if (isTimeZone(schedule.timeZone)) return;
    const meant = suggest(schedule.timeZone, timeZones());
    const fix = meant ? `did you mean "${meant}"?` : 'write a name such as UTC or Europe/Madrid';
    this.wrong(['schedule', 'timeZone'], `"${schedule.timeZone}" is not a time zone`, fix);
  }

  private target(): CacheTarget | SystemTarget {
    const { to, cache } = this.shape;
    if (to === 'system') {
      if (cache) this.wrong(['cache'], '"cache" settings need the cache as target', 'write to: cache, or remove them');
      return { endpoint: 'system' };
    }
    const keyPrefix = cache?.keyPrefix ?? `{${this.name}}:`;
    const fault = keyPrefixFault(keyPrefix);
    if (fault) this.wrong(['cache', 'keyPrefix'], `key prefix "${keyPrefix}" ${fault}`, `use "{${this.name}}:"`);
    return { endpoint: 'cache', keyPrefix, compressOverBytes: cache?.compressOverBytes ?? null };
  }

  private checkFlat(tables: readonly FlatTableShape[]): void {
    for (const setting of ['key', 'nested', 'reads'] as const) {
      if (this.shape[setting] === undefined) continue;
      const fix =
        setting === 'key' ? 'write key inside the entry of the table' : `remove it, or use root with query instead`;
      this.wrong([setting], `"${setting}" belongs to a joined data set, this one is flat`, fix);
    }
    if (this.shape.to === 'cache' && tables.length > 1) {
      const what =
        'several tables share one key prefix in the cache, so rows with equal keys would overwrite each other';
      this.wrong(['tables'], what, 'make one data set per table');
    }
  }

  private flatTable(shape: FlatTableShape, index: number): FlatTable {
    const path = ['tables', index];
    const source = this.table(shape.table, [...path, 'table']);
    if (shape.into !== undefined && this.shape.to === 'cache') {
      this.wrong([...path, 'into'], '"into" names a table of SystemDB, but the target is the cache', 'remove into');
    }
    const into = shape.into === undefined ? source : this.table(shape.into, [...path, 'into']);
    const keyColumns = this.names(shape.key ?? [], [...path, 'key']);
    const columns = shape.columns ? this.names(shape.columns, [...path, 'columns']) : null;
    const missing = keyColumns.find((column) => columns !== null && !columns.includes(column));
    if (missing !== undefined) {
      this.wrong([...path, 'columns'], `key column "${missing}" is not among the columns`, 'add it to columns');
    }
    return { source, target: this.shape.to === 'system' ? into : null, keyColumns, columns };
  }

  private joined() {
    const { root, key, query = '', nested, reads = [], to } = this.shape;
    if (to === 'system') {
      this.wrong(['to'], 'a joined data set can only go to the cache', 'write to: cache, or list tables instead');
    }
    if (root === undefined) this.wrong([], '"root" is missing', 'write root: with the table of the root keys');
    if (key === undefined) this.wrong([], '"key" is missing', 'write key: with the key columns of the root table');
    if (this.shape.query === undefined) {
      this.wrong([], '"query" is missing', 'write query: | and the SQL that returns the documents');
    } else this.checkQuery(query, ['query']);
    return {
      root: root === undefined ? UNKNOWN_TABLE : this.table(root, ['root']),
      keyColumns: this.names(key ?? [], ['key']),
      query: query.trim(),
      nested: this.names(nested ?? [], ['nested']),
      reads: reads.map((read, index) => this.joinedRead(read, index)),
    };
  }

  private joinedRead(shape: ReadShape, index: number): JoinedRead {
    const path = ['reads', index];
    const table = this.table(shape.table, [...path, 'table']);
    const { column, of, query } = shape;
    if (column !== undefined && query === undefined && of === undefined) return { table, via: { column } };
    if (column === undefined && query !== undefined && of !== undefined) {
      this.checkQuery(query, [...path, 'query']);
      return { table, via: { query: query.trim(), of } };
    }
    const what = `it is not clear how a change of ${tableName(table)} leads to root keys`;
    this.wrong(path, what, 'give column: alone, or of: together with query:');
    return { table, via: { column: column ?? '' } };
  }

  private checkQuery(query: string, path: CataloguePath): void {
    if (!/^\s*(--[^\n]*\n\s*)*(select|with)\b/i.test(query)) {
      this.wrong(path, 'the query is not a SELECT', 'start it with SELECT or WITH');
    }
    if (!/\$1(?!\d)/.test(query)) {
      this.wrong(path, 'the query does not use $1', 'limit it to the asked keys, such as WHERE id = ANY($1)');
    }
    if (/\$(?:[2-9]|1\d)/.test(query))
      this.wrong(path, 'the query uses more than $1', 'only $1, a text array, is given');
    if (/;\s*$/.test(query)) this.wrong(path, 'the query ends with a semicolon', 'remove the semicolon');
  }

  private table(text: string, path: CataloguePath): TableRef {
    const parsed = parseTableName(text);
    if ('table' in parsed) return parsed.table;
    this.wrong(path, parsed.what, parsed.fix);
    return UNKNOWN_TABLE;
  }

  private names(names: readonly string[], path: CataloguePath): readonly string[] {
    names.forEach((name, index) => {
      if (name.trim() === '') this.wrong([...path, index], 'a column name is empty', 'remove it or write the name');
      else if (names.indexOf(name) < index) this.wrong([...path, index], `"${name}" is listed twice`, 'keep it once');
    });
    return names;
  }
}

/** A prefix must be exact text for the cache's own key patterns, and a `{…}` in it must name one hash slot. */
function keyPrefixFault(prefix: string): string | null {
  if (prefix === '') return 'is empty, so its keys could not be told from others';
  if (Buffer.byteLength(prefix) > 200) return 'is longer than 200 bytes';
  if (/[\s*?[\]\\]|\p{Cc}/u.test(prefix)) return 'holds a space or one of * ? [ ] \\';
  if (/[{}]/.test(prefix) && !/^[^{}]*\{[^{}]+\}[^{}]*$/.test(prefix)) return 'has braces that do not enclose one name';
  return null;
}
