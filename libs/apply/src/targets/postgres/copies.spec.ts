import { PoisonError } from '@astro/sync-core';
import { TargetDatabase, nextMove, rowChunk } from './postgres-target.fixture.js';

const COLUMNS = ['id', 'u', 'note'];

let database: TargetDatabase;

beforeAll(async () => {
  database = await TargetDatabase.create();
});

afterAll(() => database.drop());

beforeEach(() => database.begin('CREATE TABLE app.item (id int PRIMARY KEY, u text NOT NULL UNIQUE, note text)'));

afterEach(() => database.closeTargets());

const rows = () => database.rows('SELECT id, u, note FROM app.item ORDER BY id');

it('goes straight into the table until rows are in the way, and again after it was empty', async () => {
  await database.client.query(`
    CREATE TABLE app.log (statement text);
    CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN INSERT INTO app.log VALUES (substring(current_query() FROM '^\\w+')); RETURN NULL; END$$;
    CREATE TRIGGER note AFTER INSERT ON app.item FOR EACH STATEMENT EXECUTE FUNCTION app.note();`);
  const target = database.open([{ name: 'item' }]);
  const copy = async (...lines: string[]) => target.writeRows(rowChunk(COLUMNS, lines), await nextMove(target));
  await copy('1\ta\tx', '2\tb\t\\N');
  await copy('2\tb\ty', '3\tc\tz');
  await copy('4\td\tw');
  expect(await rows()).toEqual([
    ['1', 'a', 'x'],
    ['2', 'b', 'y'],
    ['3', 'c', 'z'],
    ['4', 'd', 'w'],
  ]);
  await database.client.query('TRUNCATE app.item');
  expect(await target.isEmpty()).toBe(true);
  await copy('1\ta\tx');
  expect((await database.rows('SELECT * FROM app.log')).flat()).toEqual(['COPY', 'INSERT', 'INSERT', 'COPY']);
});

const STALE_UNIQUES = [
  '',
  'CREATE TABLE app.child (id int REFERENCES app.item)',
  'ALTER TABLE app.item DROP CONSTRAINT item_u_key, ADD UNIQUE (u) DEFERRABLE',
];

it.each(STALE_UNIQUES)('replaces rows whose unique values are out of date %s', async (ddl) => {
  await database.client.query(`${ddl}; INSERT INTO app.item VALUES (1, 'a', 'old'), (2, 'b', 'old'), (9, 'c', 'old')`);
  const target = database.open([{ name: 'item' }]);
  const chunk = rowChunk(COLUMNS, ['1\tb\tnew', '2\ta\tnew', '3\tc\tnew']);
  await target.writeRows(chunk, await nextMove(target));
  await target.writeRows(rowChunk(COLUMNS, ['9\td\tnew']), await nextMove(target));
  expect(await rows()).toEqual([
    ['1', 'b', 'new'],
    ['2', 'a', 'new'],
    ['3', 'c', 'new'],
    ['9', 'd', 'new'],
  ]);
});

it('takes only the columns that the target writes', async () => {
  await database.begin(`CREATE TABLE app.item (
    note text, id int PRIMARY KEY, own text DEFAULT 'mine', twice int GENERATED ALWAYS AS (id * 2) STORED)`);
  const target = database.open([{ name: 'item', columns: ['note', 'twice'] }]);
  const columns = ['id', 'u', 'twice', 'note'];
  await target.writeRows(rowChunk(columns, ['1\tu\t9\ta\\tb', '2\tu\t9\t\\N']), await nextMove(target));
  await target.writeRows(rowChunk(columns, ['2\tu\t9\tZürich']), await nextMove(target));
  expect(await database.rows('SELECT * FROM app.item ORDER BY id')).toEqual([
    ['a\tb', '1', 'mine', '2'],
    ['Zürich', '2', 'mine', '4'],
  ]);
});

it('writes nothing of a chunk with a row that cannot be written', async () => {
  const target = database.open([{ name: 'item' }]);
  await target.writeRows(rowChunk(COLUMNS, ['1\ta\tx']), { expected: null, next: '1' });
  const failed = target.writeRows(rowChunk(COLUMNS, ['2\tb\tx', 'three\tc\tx']), { expected: '1', next: '2' });
  await expect(failed).rejects.toBeInstanceOf(PoisonError);
  await expect(failed).rejects.toThrow(/app\.item did not take a row.*invalid input syntax/);
  expect([await rows(), await target.readState()]).toEqual([[['1', 'a', 'x']], '1']);
  await target.writeRows(rowChunk(COLUMNS, ['2\tb\tx']), { expected: '1', next: '2' });
  expect(await rows()).toHaveLength(2);
});

it('sends more than one piece, and survives an error in the first', async () => {
  const target = database.open([{ name: 'item' }]);
  const lines = Array.from({ length: 20_000 }, (_none, i) => `${i}\tu${i}\t${'ü'.repeat(50)}`);
  await expect(
    target.writeRows(rowChunk(COLUMNS, ['wrong\tu\tx', ...lines]), await nextMove(target)),
  ).rejects.toBeInstanceOf(PoisonError);
  await target.writeRows(rowChunk(COLUMNS, lines), await nextMove(target));
  await target.writeRows(rowChunk(COLUMNS, lines), await nextMove(target));
  expect(await database.rows(`SELECT count(*), sum(length(note)) FROM app.item`)).toEqual([['20000', '1000000']]);
});
