import { PoisonError } from '@astro/sync-core';
import { TargetDatabase, state, write } from './postgres-target.fixture.js';

let database: TargetDatabase;

beforeAll(async () => {
  database = await TargetDatabase.create();
});

afterAll(() => database.drop());
afterEach(() => database.closeTargets());

/** Tables with a unique column, each with another way out when rows exchange its values. */
const UNIQUE_TABLES: readonly (readonly [what: string, ddl: string])[] = [
  ['a table that nothing refers to', 'CREATE TABLE app.t (id int PRIMARY KEY, u text NOT NULL UNIQUE, big text)'],
  ['a deferrable constraint', 'CREATE TABLE app.t (id int PRIMARY KEY, u text UNIQUE DEFERRABLE, big text)'],
  [
    'an expression',
    'CREATE TABLE app.t (id int PRIMARY KEY, u text, big text); CREATE UNIQUE INDEX ON app.t (lower(u))',
  ],
  ...['text NOT NULL', 'varchar(3) NOT NULL', 'text', 'text UNIQUE NULLS NOT DISTINCT'].map(
    (column) =>
      [
        `a referenced table with a column ${column}`,
        `CREATE TABLE app.t (id int PRIMARY KEY, u ${column} UNIQUE, big text);
         CREATE TABLE app.child (id int PRIMARY KEY, t int REFERENCES app.t ON DELETE CASCADE);`,
      ] as const,
  ),
  [
    'a column that the documents do not have',
    'CREATE TABLE app.t (id int PRIMARY KEY, u text NOT NULL UNIQUE, big text, own text)',
  ],
];

describe.each(UNIQUE_TABLES)('unique values: %s', (_what, ddl) => {
  const hasChild = ddl.includes('app.child');
  const hasOwn = ddl.includes('own text');
  const rows = () => database.rows(`SELECT id, u, big${hasOwn ? ', own' : ''} FROM app.t ORDER BY id`);
  const expected = (...all: string[][]) => (hasOwn ? all.map((row) => [...row, `mine ${row[2]}`]) : all);

  beforeEach(async () => {
    await database.begin(ddl);
    await database.client.query(`INSERT INTO app.t (id, u, big) VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z')`);
    if (hasOwn) await database.client.query(`UPDATE app.t SET own = 'mine ' || big`);
    if (hasChild) await database.client.query('INSERT INTO app.child SELECT id, id FROM app.t');
  });

  afterEach(async () => {
    if (hasChild) expect((await database.rows('SELECT id FROM app.child')).length).toBeGreaterThanOrEqual(2);
  });

  it('exchanges them between two rows', async () => {
    await write(database.open([{ name: 't' }]), [
      state(1, { id: 1, u: 'b', big: 'x' }),
      state(2, { id: 2, u: 'a', big: 'y' }),
    ]);
    expect(await rows()).toEqual(expected(['1', 'b', 'x'], ['2', 'a', 'y'], ['3', 'c', 'z']));
  });

  it('passes them round three rows, large columns carried', async () => {
    const carry = (id: number) => ({ carry: { fromKey: String(id), columns: ['big'] } });
    await write(database.open([{ name: 't' }]), [
      state(1, { id: 1, u: 'b', big: null }, carry(1)),
      state(2, { id: 2, u: 'c', big: null }, carry(2)),
      state(3, { id: 3, u: 'a', big: 'new' }),
    ]);
    const all = await rows();
    expect(all.map((row) => row.slice(0, 3))).toEqual([
      ['1', 'b', 'x'],
      ['2', 'c', 'y'],
      ['3', 'a', 'new'],
    ]);
  });

  it('hands one from a deleted row to a new one', async () => {
    await write(database.open([{ name: 't' }]), [state(4, { id: 4, u: 'a', big: 'w' }), state(1, null)]);
    const all = await rows();
    expect(all.map((row) => row.slice(0, 3))).toEqual([
      ['2', 'b', 'y'],
      ['3', 'c', 'z'],
      ['4', 'a', 'w'],
    ]);
  });

  it('names the constraint when a row outside the batch holds the value', async () => {
    const failed = write(database.open([{ name: 't' }]), [state(1, { id: 1, u: 'c', big: 'x' })]);
    await expect(failed).rejects.toThrow(/app\.t did not take a row \(constraint "t_\w+"\).*Another row of the target/);
    await expect(failed).rejects.toBeInstanceOf(PoisonError);
    expect(await rows()).toEqual(expected(['1', 'a', 'x'], ['2', 'b', 'y'], ['3', 'c', 'z']));
  });
});

describe('foreign keys', () => {
  const TABLES = [{ name: 'child' }, { name: 'parent' }] as const;
  const child = { tableId: 1 };
  const parent = { tableId: 2 };

  const begin = async (action: string) => {
    await database.begin(`
      CREATE TABLE app.parent (id int PRIMARY KEY, name text);
      CREATE TABLE app.child (id int PRIMARY KEY, parent int REFERENCES app.parent ${action});
      INSERT INTO app.parent VALUES (1, 'one'), (2, 'two');
      INSERT INTO app.child VALUES (10, 1), (20, 2);`);
    return database.open(TABLES);
  };
  const rows = () =>
    database.rows('SELECT id, parent FROM app.child UNION ALL SELECT id, NULL FROM app.parent ORDER BY 1');

  describe.each(['', 'ON DELETE CASCADE', 'ON DELETE RESTRICT', 'DEFERRABLE'])('REFERENCES %s', (action) => {
    it('writes a parent before its child, whatever comes first', async () => {
      await write(await begin(action), [
        state(30, { id: 30, parent: 3 }, child),
        state(3, { id: 3, name: 'three' }, parent),
      ]);
      expect((await rows()).slice(2, 3).concat((await rows()).slice(-1))).toEqual([
        ['3', null],
        ['30', '3'],
      ]);
    });

    it('deletes a child before its parent, though the cascade of the source comes parent first', async () => {
      await write(await begin(action), [state(1, null, parent), state(10, null, child)]);
      expect(await rows()).toEqual([
        ['2', null],
        ['20', '2'],
      ]);
    });

    it('moves a child to a new parent before the old one goes', async () => {
      await write(await begin(action), [
        state(1, null, parent),
        state(3, { id: 3, name: 'three' }, parent),
        state(10, { id: 10, parent: 3 }, child),
      ]);
      expect(await rows()).toEqual([
        ['2', null],
        ['3', null],
        ['10', '3'],
        ['20', '2'],
      ]);
    });
  });

  it('takes a tree in any order', async () => {
    await database.begin('CREATE TABLE app.node (id int PRIMARY KEY, up int REFERENCES app.node)');
    const target = database.open([{ name: 'node' }]);
    await write(target, [state(3, { id: 3, up: 2 }), state(2, { id: 2, up: 1 }), state(1, { id: 1, up: null })]);
    await write(target, [state(1, null), state(3, { id: 3, up: null }), state(2, null)]);
    expect(await database.rows('SELECT * FROM app.node')).toEqual([['3', null]]);
  });

  it('takes rows that refer to each other when the constraint can wait', async () => {
    await database.begin(`
      CREATE TABLE app.parent (id int PRIMARY KEY, favourite int);
      CREATE TABLE app.child (id int PRIMARY KEY, parent int REFERENCES app.parent);
      ALTER TABLE app.parent ADD FOREIGN KEY (favourite) REFERENCES app.child DEFERRABLE;`);
    const target = database.open(TABLES);
    await write(target, [state(1, { id: 1, favourite: 10 }, parent), state(10, { id: 10, parent: 1 }, child)]);
    expect(await database.rows('SELECT * FROM app.parent')).toEqual([['1', '10']]);
  });

  it.each(['', 'DEFERRABLE'])('sets a child without a parent aside (%s)', async (action) => {
    const target = await begin(action);
    const failed = write(target, [state(30, { id: 30, parent: 9 }, child)]);
    await expect(failed).rejects.toThrow(/app\.child did not take a row \(constraint "child_parent_fkey"\)/);
    await expect(failed).rejects.toMatchObject({ code: 'SYNC_POISON', cause: { code: '23503' } });
  });

  it('empties referenced tables: together, or by deleting when a table elsewhere refers to them', async () => {
    const target = await begin('');
    const options = { partial: false, onIncomplete: () => Promise.resolve() };
    await target.write({ truncated: [2, 1], states: [] }, { expected: null, next: '1' }, options);
    expect(await target.isEmpty()).toBe(true);
    await database.client.query(
      `CREATE TABLE app.elsewhere (id int REFERENCES app.parent); INSERT INTO app.parent VALUES (1)`,
    );
    await target.write({ truncated: [2, 1], states: [] }, { expected: '1', next: '2' }, options);
    expect(await target.isEmpty()).toBe(true);
  });
});

it('carries a large column to a new key without losing what refers to either', async () => {
  await database.begin(`
    CREATE TABLE app.t (id int PRIMARY KEY, u text NOT NULL UNIQUE, big text);
    CREATE TABLE app.child (id int PRIMARY KEY, t int NOT NULL REFERENCES app.t ON DELETE CASCADE);
    INSERT INTO app.t VALUES (1, 'a', repeat('x', 10000)); INSERT INTO app.child VALUES (10, 1);`);
  const target = database.open([{ name: 't' }, { name: 'child' }]);
  await write(target, [
    state(1, null),
    state(2, { id: 2, u: 'a', big: null }, { carry: { fromKey: '1', columns: ['big'] } }),
    state(10, { id: 10, t: 2 }, { tableId: 2 }),
  ]);
  expect(await database.rows('SELECT t.id, u, length(big), c.id FROM app.t JOIN app.child c ON c.t = t.id')).toEqual([
    ['2', 'a', '10000', '10'],
  ]);
});
