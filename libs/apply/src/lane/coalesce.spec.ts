import type { LaneChange, Lsn } from '@astro/sync-core';
import { coalesce, mergeDocuments } from './coalesce.js';

const TABLE = 1;

let seq = 0;
function change(op: LaneChange['op'], key: string, rest: Partial<LaneChange> = {}): LaneChange {
  const blank = { oldKey: null, before: null, after: null, unchanged: null };
  return { commitLsn: 1n as Lsn, seq: seq++, xid: 1, tableId: TABLE, op, key, ...blank, ...rest };
}

function outcome(changes: readonly LaneChange[]) {
  const { truncated, states } = coalesce(changes);
  return { truncated, states: states.map(({ key, document, carry }) => ({ key, document, carry })) };
}

describe('coalesce', () => {
  it.each([
    [
      'the last of several updates',
      [change('insert', 'a', { after: '{"v":1}' }), change('update', 'a', { after: '{"v":2}' })],
      [{ key: 'a', document: '{"v":2}', carry: null }],
    ],
    [
      'a row that came and went',
      [change('insert', 'a', { after: '{"v":1}' }), change('delete', 'a')],
      [{ key: 'a', document: null, carry: null }],
    ],
    [
      'a row that went and came back',
      [change('delete', 'a'), change('insert', 'a', { after: '{"v":3}' })],
      [{ key: 'a', document: '{"v":3}', carry: null }],
    ],
    [
      'an unchanged large column that the target keeps',
      [change('update', 'a', { after: '{"v":2,"big":null}', unchanged: ['big'] })],
      [{ key: 'a', document: '{"v":2,"big":null}', carry: { fromKey: 'a', columns: ['big'] } }],
    ],
    [
      'an unchanged large column that the batch itself holds',
      [
        change('insert', 'a', { after: '{"v":1,"big":"x"}' }),
        change('update', 'a', { after: '{"v":2,"big":null}', unchanged: ['big'] }),
      ],
      [{ key: 'a', document: '{"v":2,"big":"x"}', carry: null }],
    ],
    [
      'a rename takes its large column from the old key (W13)',
      [change('update', 'b', { oldKey: 'a', after: '{"v":2,"big":null}', unchanged: ['big'] })],
      [
        { key: 'a', document: null, carry: null },
        { key: 'b', document: '{"v":2,"big":null}', carry: { fromKey: 'a', columns: ['big'] } },
      ],
    ],
    [
      'two renames in a row still take it from the first key',
      [
        change('update', 'b', { oldKey: 'a', after: '{"v":2,"big":null}', unchanged: ['big'] }),
        change('update', 'c', { oldKey: 'b', after: '{"v":3,"big":null}', unchanged: ['big'] }),
      ],
      [
        { key: 'a', document: null, carry: null },
        { key: 'b', document: null, carry: null },
        { key: 'c', document: '{"v":3,"big":null}', carry: { fromKey: 'a', columns: ['big'] } },
      ],
    ],
    [
      'a large column set after it was carried is not carried any more',
      [
        change('update', 'a', { after: '{"v":1,"big":null}', unchanged: ['big'] }),
        change('update', 'a', { after: '{"v":2,"big":"new"}' }),
      ],
      [{ key: 'a', document: '{"v":2,"big":"new"}', carry: null }],
    ],
    [
      'of two carried columns the one that was set is taken from the batch',
      [
        change('update', 'a', { after: '{"x":"1","y":null}', unchanged: ['y'] }),
        change('update', 'a', { after: '{"x":null,"y":null}', unchanged: ['x', 'y'] }),
      ],
      [{ key: 'a', document: '{"x":"1","y":null}', carry: { fromKey: 'a', columns: ['y'] } }],
    ],
  ])('%s', (_name, changes, expected) => {
    expect(outcome(changes).states).toEqual(expected);
  });

  it('forgets what a truncate removed, in that table only', () => {
    const other = change('insert', 'o', { tableId: 2, after: '{"v":9}' });
    const changes = [
      change('insert', 'a', { after: '{"v":1}' }),
      other,
      change('truncate', ''),
      change('insert', 'b', { after: '{"v":2}' }),
    ];
    const { truncated, states } = outcome(changes);
    expect(truncated).toEqual([TABLE]);
    expect(states.map(({ key }) => key)).toEqual(['o', 'b']);
  });
});

it('mergeDocuments keeps the order of the newer image and every other byte', () => {
  const merged = mergeDocuments('{"a":"1","1":"old","z":{"k":[1]}}', '{"1":null,"a":"2","z":null}', ['1', 'z']);
  expect(merged).toBe('{"1":"old","a":"2","z":{"k":[1]}}');
});
