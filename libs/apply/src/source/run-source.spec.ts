import { postgresConfig } from '@astro/runtime';
import { LostColumnsError, type RowCondition } from '@astro/sync-core';
import { createDatabase, query, testServers, type TestDatabase } from '@astro/testing';
import { RowFilterError } from './row-filter.js';
import { RunSource } from './run-source.js';
import { SourceSession } from './source-session.js';

/** The table loses a column between two questions: whose it was decides what is told. */

const SELECTION = { tableId: 1, conditions: [{ column: 'size', operator: 'eq', value: 1 } satisfies RowCondition] };
const PAGE = { afterKey: null, limit: 10 };

let database: TestDatabase;
let source: SourceSession;
let asked: RunSource;

beforeEach(async () => {
  database = await createDatabase(testServers().operations, 'run_source');
  await query(database.url, 'CREATE TABLE public.items (id int PRIMARY KEY, size int)');
  await query(database.url, 'INSERT INTO public.items VALUES (1, 1), (2, 2)');
  source = new SourceSession(postgresConfig(database.url, { applicationName: 'run-source spec' }));
  const table = { schema: 'public', name: 'items' };
  asked = new RunSource(source, [{ id: 1, table, keyColumns: ['id'], keyTypes: ['int'], carried: ['id'] }], false);
  expect(await asked.matchingKeys(SELECTION, PAGE)).toEqual([['1']]);
});

afterEach(async () => {
  await source.close();
  await database.drop();
});

it("does not blame the data set for a filter's column, and names those that are there", async () => {
  await query(database.url, 'ALTER TABLE public.items RENAME size TO extent');
  const refused = asked.matchingKeys(SELECTION, PAGE);
  await expect(refused).rejects.toThrow(RowFilterError);
  await expect(refused).rejects.toThrow('public.items has no column "size"; it has id, extent.');
});

it('does not blame the filter for a column of the key', async () => {
  await query(database.url, 'ALTER TABLE public.items RENAME id TO number');
  const refused = asked.matchingKeys(SELECTION, PAGE);
  await expect(refused).rejects.toThrow(LostColumnsError);
  await expect(refused).rejects.toThrow(/no longer has the column "?id"?, which/);
});
