import { BANK, randomTransfer, transferStatements } from './bank.js';

it('makes the transaction of pgbench', () => {
  const statements = transferStatements({ account: 7, branch: 1, teller: 3, delta: -20 });
  expect(statements[0]).toBe('BEGIN');
  expect(statements[1]).toBe('UPDATE pgbench_accounts SET abalance = abalance + -20 WHERE aid = 7');
  expect(statements.map((text) => text.split(' ', 1)[0])).toEqual(
    'BEGIN UPDATE SELECT UPDATE UPDATE INSERT END'.split(' '),
  );
});

it('picks rows that exist', () => {
  for (let i = 0; i < 1000; i++) {
    const { account, branch, teller } = randomTransfer();
    for (const [id, count] of [
      [account, 100_000],
      [teller, 10],
      [branch, 1],
    ] as const) {
      expect(id).toBeGreaterThanOrEqual(1);
      expect(id).toBeLessThanOrEqual(count * BANK.scale);
    }
  }
});
