import { createHash } from 'node:crypto';
import { demoSize, demoTables, type DemoPlan, type DemoRow } from './demo-data.js';
import { Random } from './random.js';

const PLAN: DemoPlan = { seed: 'spec', size: demoSize(0.05) };

function rowsOf(name: string, plan = PLAN): readonly DemoRow[] {
  return [...(demoTables(plan).find((table) => table.name === name)?.rows ?? [])];
}

function column(name: string, index: number): readonly (string | null)[] {
  return rowsOf(name).map((row) => row[index] ?? null);
}

function fingerprint(plan: DemoPlan): string {
  const hash = createHash('sha256');
  for (const { name, rows } of demoTables(plan)) for (const row of rows) hash.update(JSON.stringify([name, ...row]));
  return hash.digest('hex');
}

describe('the same plan', () => {
  it('always gives the same data', () => {
    expect(fingerprint(PLAN)).toBe(fingerprint(PLAN));
    expect(fingerprint(PLAN)).not.toBe(fingerprint({ ...PLAN, seed: 'other' }));
  });

  it('gives a table again when it is read again', () => {
    const [table] = demoTables(PLAN);
    expect([...(table?.rows ?? [])]).toEqual([...(table?.rows ?? [])]);
  });
});

describe('the size', () => {
  it.each([
    [1, { agencies: 200, rockets: 600, launches: 5_000, travelers: 20_000 }],
    [0.1, { agencies: 20, rockets: 60, launches: 500, travelers: 2_000 }],
    [0.0001, { agencies: 1, rockets: 1, launches: 1, travelers: 2 }],
  ])('at scale %p is %p', (scale, expected) => {
    expect(demoSize(scale)).toEqual(expected);
  });

  it.each([0, -1, Number.NaN])('refuses scale %p', (scale) => {
    expect(() => demoSize(scale)).toThrow('must be a number above 0');
  });

  it('gives about 20 bookings for each launch', () => {
    const perLaunch = rowsOf('bookings').length / PLAN.size.launches;
    expect(perLaunch).toBeGreaterThan(17);
    expect(perLaunch).toBeLessThan(22);
  });
});

describe('the rows', () => {
  it.each([
    ['rockets', 1, 'agencies', 0],
    ['launches', 1, 'agencies', 0],
    ['launches', 2, 'rockets', 0],
    ['bookings', 1, 'travelers', 0],
    ['bookings', 2, 'launches', 0],
    ['invoices', 2, 'agencies', 0],
    ['invoices', 3, 'launches', 0],
    ['payments', 1, 'invoices', 0],
  ])('of %s name in column %i a row of %s', (from, index, to, key) => {
    const keys = new Set(column(to, key));
    expect(column(from, index).filter((value) => !keys.has(value))).toEqual([]);
  });

  it.each(['travelers', 'agencies', 'rockets', 'launches', 'bookings', 'invoices', 'payments'])(
    'of %s have keys of their own and as many values as columns',
    (name) => {
      const table = demoTables(PLAN).find((candidate) => candidate.name === name);
      const rows = rowsOf(name);
      expect(new Set(rows.map(([key]) => key)).size).toBe(rows.length);
      expect(new Set(rows.map((row) => row.length))).toEqual(new Set([table?.columns.length]));
    },
  );

  it('never sell more seats than the rocket has', () => {
    const capacity = new Map(rowsOf('rockets').map((row) => [row[0], Number(row[3])]));
    const free = new Map(rowsOf('launches').map((row) => [row[0], capacity.get(row[2]) ?? 0]));
    for (const [, , launch, seats, , status] of rowsOf('bookings')) {
      if (status !== 'canceled') free.set(launch, (free.get(launch) ?? 0) - Number(seats));
    }
    expect(Math.min(...free.values())).toBeGreaterThanOrEqual(0);
  });

  it('pay a paid invoice in full and the others not at all', () => {
    const paid = new Map<string | null | undefined, number>();
    for (const [, invoice, amount] of rowsOf('payments')) paid.set(invoice, (paid.get(invoice) ?? 0) + cents(amount));
    for (const [id, , , , amount, , status] of rowsOf('invoices')) {
      expect(paid.get(id) ?? 0).toBe(status === 'paid' ? cents(amount) : 0);
    }
  });

  it('hold every status, other scripts, absent values and texts that are stored out of line', () => {
    expect(new Set(column('launches', 6))).toEqual(
      new Set(['scheduled', 'confirmed', 'launched', 'delayed', 'aborted']),
    );
    expect(new Set(column('bookings', 5))).toEqual(new Set(['pending', 'confirmed', 'canceled']));
    const preferences = column('travelers', 4);
    expect(preferences).toContain(null);
    expect(Math.max(...preferences.map((text) => text?.length ?? 0))).toBeGreaterThan(2_000);
    expect(preferences.join()).toMatch(/[\u3040-\u30ff]/);
  });
});

describe('random numbers', () => {
  it('look like UUIDs where those are asked for', () => {
    const random = new Random('uuid');
    const ids = Array.from({ length: 1_000 }, () => random.uuid());
    expect(
      ids.filter((id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toEqual([]);
    expect(new Set(ids).size).toBe(1_000);
  });

  it('fall evenly and follow weights', () => {
    const random = new Random('even');
    const drawn = Array.from({ length: 30_000 }, () => random.weighted({ a: 1, b: 2, never: 0 }));
    expect(drawn).not.toContain('never');
    expect(drawn.filter((key) => key === 'b').length / drawn.length).toBeCloseTo(2 / 3, 1);
    expect(new Set(Array.from({ length: 300 }, () => random.int(3, 5)))).toEqual(new Set([3, 4, 5]));
  });
});

function cents(amount: string | null | undefined): number {
  return Math.round(Number(amount) * 100);
}
