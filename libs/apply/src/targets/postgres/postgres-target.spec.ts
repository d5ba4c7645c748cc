import { CONTRACT_COLUMNS, describeTargetContract } from '../target-contract.js';
import { TargetDatabase } from './postgres-target.fixture.js';

let database: TargetDatabase;

beforeAll(async () => {
  database = await TargetDatabase.create();
});

afterAll(() => database.drop());

describeTargetContract('PostgreSQL', async () => {
  await database.begin('CREATE TABLE app.item (id integer PRIMARY KEY, name text, note text)');
  return {
    open: () => database.open([{ name: 'item' }]),
    readAll: async () => {
      const columns = CONTRACT_COLUMNS.map(({ name }) => name).join(', ');
      const rows = await database.client.query<{ id: number }>(`SELECT ${columns} FROM app.item`);
      return new Map(rows.rows.map((row) => [String(row.id), JSON.stringify(row)]));
    },
    close: () => database.closeTargets(),
  };
});
