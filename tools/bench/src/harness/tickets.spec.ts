import { lastChanged, ticketsCatalogue } from './tickets.js';

it('names a catalogue for each target', () => {
  expect(ticketsCatalogue([{ to: 'cache' }, { to: 'system', dataSet: 'copy' }])).toBe(
    [
      'version: 1',
      'dataSets:',
      '  tickets:',
      '    from: operations',
      '    to: cache',
      '    tables:',
      '      - table: public.tickets',
      '  copy:',
      '    from: operations',
      '    to: system',
      '    tables:',
      '      - table: public.tickets',
      '        into: public.tickets',
      '',
    ].join('\n'),
  );
});

it('finds the row of the last change', () => {
  expect(lastChanged(1, 200)).toBe(1);
  expect(lastChanged(2, 10_000)).toBe(7920);
});

it('changes every row once in as many changes', () => {
  const rows = 2000;
  const changed = new Set(Array.from({ length: rows }, (_, i) => lastChanged(i + 1, rows)));
  expect(changed.size).toBe(rows);
});
