import type { TableRef } from '@astro/sync-core';
import { formatTableName } from './table-name.js';

/** What `init` found in a database. */
export interface CatalogueDraft {
  /** May hold a password: the file must be readable by its owner only. Null leaves the url out. */
  readonly url: string | null;
  readonly dataSets: readonly DraftDataSet[];
  readonly skipped: readonly SkippedTable[];
}

export interface DraftDataSet {
  readonly name: string;
  readonly table: TableRef;
  /** Empty: the primary key. */
  readonly keyColumns: readonly string[];
}

export interface SkippedTable {
  readonly table: TableRef;
  readonly reason: string;
}

const HEADER = `# The data sets to keep equal. Check it at any time; every problem is reported with its line.
# Each entry may be renamed, changed or removed; mode: scheduled with a schedule turns it into a batch.
`;
const URL_NOTE = `  # May hold a password: keep this file readable by its owner only.
  # The environment variable OPERATIONS_DATABASE_URL, when set, is used instead.
`;

/** A valid catalogue with every drafted data set; comments name the tables left out and why. */
export function renderCatalogue({ url, dataSets, skipped }: CatalogueDraft): string {
  const source = `source:\n${url === null ? '' : `${URL_NOTE}  url: ${quote(url)}\n`}  publication: astro_sync\n  slot: astro_sync\n`;
  const entries = dataSets.map(renderDataSet).join('');
  return `${HEADER}version: 1\n${source}\ndataSets:\n${entries || '  {}\n'}${renderSkipped(skipped)}`;
}

function renderDataSet({ name, table, keyColumns }: DraftDataSet): string {
  const tableText = quote(formatTableName(table));
  const entry =
    keyColumns.length === 0 ? tableText : `{ table: ${tableText}, key: [${keyColumns.map(quote).join(', ')}] }`;
  return `  ${name}:\n    from: operations\n    to: cache\n    tables: [${entry}]\n`;
}

function renderSkipped(skipped: readonly SkippedTable[]): string {
  if (skipped.length === 0) return '';
  const lines = skipped.map(({ table, reason }) => `# - ${oneLine(formatTableName(table))}: ${oneLine(reason)}\n`);
  return `\n# Left out:\n${lines.join('')}`;
}

/** Plain where YAML reads it back as the same text, else in double quotes, whose escapes are those of JSON. */
function quote(text: string): string {
  const isPlain = /^[a-z_][a-z0-9_.$-]*$/i.test(text) && !/^(true|false|null|y|n|yes|no|on|off)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

/** Names come from other people's databases; a line break in one must not end the comment. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
}
