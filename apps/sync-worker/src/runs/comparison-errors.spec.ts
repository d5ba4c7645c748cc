import type { Difference } from '@astro/apply';
import { KEPT_ERRORS } from '@astro/runs';
import { FoundErrors } from './comparison-errors.js';

const TABLE = { schema: 'public', name: 'items' };
const FIELDS = ['name', 'price'].map((field) => ({ field, source: '1', target: '2' }));
const difference = (kind: Difference['kind'], key: number, fields: Difference['fields'] = []): Difference => ({
  ...{ kind, tableId: 1, table: TABLE, key: String(key), fields },
});

it('lists a row with each of its fields', () => {
  const found = new FoundErrors();
  found.addDifference(difference('different', 1, FIELDS));
  found.addDifference(difference('missing', 2));
  expect(found.list.map(({ kind, entityId, field }) => [kind, entityId, field])).toEqual([
    ['different', '1', 'name'],
    ['different', '1', 'price'],
    ['missing', '2', null],
  ]);
  expect(found.more).toEqual([]);
});

it('gathers no more than is kept, and counts the other rows by cause', () => {
  const found = new FoundErrors();
  for (let key = 0; key < KEPT_ERRORS + 500; key++) found.addDifference(difference('extra', key));
  found.addDifference(difference('different', 1, FIELDS));
  found.addNotChecked({ tableId: 1, table: TABLE, key: '7', reason: 'changing', message: 'It kept changing.' });
  expect(found.list).toHaveLength(KEPT_ERRORS);
  expect(found.more.map(({ kind, code, entityType, rows }) => [kind, code, entityType, rows])).toEqual([
    ['extra', 'EXTRA', 'public.items', 500],
    ['different', 'DIFFERENT', 'public.items', 1],
    ['failed', 'NOT_CHECKED_CHANGING', 'public.items', 1],
  ]);
});
