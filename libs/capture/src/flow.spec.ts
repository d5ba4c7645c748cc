import type { Lsn } from '@astro/sync-core';
import { waitFor } from '@astro/testing';
import { flowOf, partsOf } from './flow.fixture.js';

it.each([
  ['small transactions together', ['10', '20', '30'], ['commit 10 20 30']],
  ['what is complete before a part of a larger one', ['10', '20…', '20'], ['commit 10', 'commit 20… 20']],
  ['the end of a larger one with what follows', ['20…:100', '20', '30'], ['flush 20…', 'commit 20 30']],
  ['parts of one transaction together', ['20…', '20…', '20…:90', '20'], ['flush 20… 20… 20…', 'commit 20']],
  ['two larger ones apart', ['20…', '20', '30…', '30'], ['commit 20… 20', 'commit 30… 30']],
  ['no more than the ledger takes at once', ['10:60', '20:60', '30:60'], ['commit 10 20', 'commit 30']],
  ['one that alone is more than the ledger takes', ['10:500', '20'], ['commit 10', 'commit 20']],
])('stores %s', async (_name, parts, expected) => {
  const { flow, ledger, errors, accept } = flowOf();
  parts.forEach(accept);
  await waitFor(() => partsOf(ledger.appends).length === parts.length, { what: 'all parts to be stored' });
  await flow.stop();
  const appends = ledger.appends.filter(({ parts: stored }) => stored.length > 0); // the others make it durable
  expect(appends.map(({ kind, parts: stored }) => [kind, ...stored].join(' '))).toEqual(expected);
  expect(errors).toEqual([]);
});

it('never commits a part of a transaction, whatever comes in which order', async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { flow, ledger, accept } = flowOf();
    const parts = someParts(seed);
    for (const [i, part] of parts.entries()) {
      accept(part);
      if (i % 7 === seed % 7) await new Promise((resolve) => setImmediate(resolve)); // appends begin in between
    }
    await waitFor(() => partsOf(ledger.appends).length === parts.length, { what: 'all parts to be stored' });
    await flow.stop();
    expect(partsOf(ledger.appends)).toEqual(parts.map((part) => part.split(':')[0]));
    let sent: string[] = [];
    for (const { kind, parts: stored, transactions, safeLsn } of ledger.appends) {
      sent.push(...stored);
      if (kind === 'flush') continue;
      const ended = sent.filter((part) => !part.endsWith('…'));
      if (sent.length === 0) continue; // makes durable what is stored
      expect(sent.at(-1)).toBe(ended.at(-1)); // nothing of the next one
      expect(transactions.map(String)).toEqual(ended);
      expect(safeLsn).toBe(BigInt(ended.at(-1) ?? 0) + 1n);
      sent = [];
    }
    expect(sent).toEqual([]);
  }
});

/** Transactions of one to five parts of 1 to 150 bytes; the same for the same seed. */
function someParts(seed: number): string[] {
  let state = seed;
  const below = (limit: number) => (state = (state * 48_271) % 2_147_483_647) % limit;
  return Array.from({ length: 30 }, (_none, i) =>
    Array.from({ length: 1 + (below(3) === 0 ? below(5) : 0) }, () => `${i + 1}…:${1 + below(150)}`),
  ).flatMap((parts) => parts.map((part, i) => (i === parts.length - 1 ? part.replace('…', '') : part)));
}

it('holds the source back while too much waits, and lets it go on when half of it is stored', async () => {
  const { flow, ledger, pressure, accept } = flowOf({ maxWaitingBytes: 5000 });
  let open: () => void = () => undefined;
  ledger.gate = new Promise((resolve) => (open = resolve));
  accept('10');
  for (let i = 2; i <= 9; i++) accept(`${i}0:500`);
  expect(pressure).toEqual([true]);
  open();
  await waitFor(() => partsOf(ledger.appends).length === 9, { what: 'all parts to be stored' });
  await flow.stop();
  expect(pressure).toEqual(pressure.map((_held, i) => i % 2 === 0)); // never twice the same
  expect(pressure.at(-1)).toBe(false);
});

it('stores an idle position only when everything before it is stored', async () => {
  const { flow, ledger, accept } = flowOf();
  let open: () => void = () => undefined;
  ledger.gate = new Promise((resolve) => (open = resolve));
  accept('10');
  flow.idleAt(90n as Lsn); // refused: something waits
  open();
  await waitFor(() => ledger.appends.length === 1, { what: 'the append' });
  flow.idleAt(95n as Lsn);
  await waitFor(() => ledger.appends.length === 2, { what: 'the idle position' });
  expect(ledger.appends.map(({ safeLsn }) => safeLsn)).toEqual([11n, 95n]);
  await flow.stop();
});
