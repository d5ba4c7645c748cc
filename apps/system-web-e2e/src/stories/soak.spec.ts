import { type Page } from '@playwright/test';
import { type Databases } from '../support/databases.js';
import { expect, test } from '../support/test.js';
import { expectNoHeavier, scaleOf } from '../support/weight.js';

/**
 * The pages that follow what happens, while it happens: their clock is turned on, second by second, as fast as the API
 * answers; the databases, the programs and the changes are real. By default two minutes after the warm-up;
 * SOAK_SECONDS=600 has them follow for ten.
 */
const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 120);
/** Until lists are full, charts have their points, and everything has been drawn once. */
const WARM_UP_SECONDS = 120;
const CHANGES_PER_SECOND = 5;
/** How often a page asks that shows nothing which runs. */
const CALM_SECONDS = 10;
/** Rows of the list, unless the person chooses otherwise. */
const SHOWN = 50;
/** V8 compiles what runs often, as it goes. The answers of ten minutes, if they were kept, would be many times as much. */
const COMPILED_BYTES = 3_000_000;

// A trace keeps copies of every page that it has seen, in the page itself.
test.use({ trace: 'off' });
test.describe.configure({ timeout: 120_000 + SECONDS * 1_000 });

interface Soak {
  readonly databases: Databases;
  readonly story: string;
  readonly changes: Page;
  readonly overview: Page;
}

/** Notes that no other story is about. */
const NOTES = { first: 101, count: 200 };

/** @param second each changes other notes than the one before */
async function change({ databases, story }: Soak, second: number): Promise<void> {
  const first = NOTES.first + ((second * CHANGES_PER_SECOND) % NOTES.count);
  await databases.operations(
    `BEGIN; SELECT sync.set_origin('BookingAPI', 'ana', 'touch', NULL, '${story}');
     UPDATE public.notes SET body = 'second ${second}' WHERE id BETWEEN ${first} AND ${first + CHANGES_PER_SECOND - 1}; COMMIT`,
  );
}

const answered = (page: Page, path: string) =>
  page.waitForResponse((response) => new URL(response.url()).pathname === `/api/v1${path}` && response.ok());

/** Each page asks as often as it does in that time, and is answered. */
async function live(soak: Soak, { from, to }: { readonly from: number; readonly to: number }): Promise<void> {
  const { changes, overview } = soak;
  for (let second = from; second < to;) {
    const verdict = answered(overview, '/overview');
    for (const end = second + CALM_SECONDS; second < end; second++) {
      await change(soak, second);
      const list = answered(changes, '/changes');
      await Promise.all([changes.clock.runFor(1_000), overview.clock.runFor(1_000)]);
      await list;
    }
    await verdict;
  }
}

test('PF-2 five changes a second for minutes of the page, and neither heap nor nodes have grown', async ({
  page,
  signInAs,
  colleague,
  databases,
}) => {
  await signInAs('viewer');
  const soak = { databases, story: `soak-${Date.now()}`, changes: page, overview: await colleague('viewer') };
  const { changes, overview } = soak;
  for (const one of [changes, overview]) await one.clock.install();
  await changes.goto('/changes');
  await overview.goto('/');
  await expect(changes.getByRole('heading', { level: 1, name: 'Changes' })).toBeVisible();
  await expect(overview.getByRole('region', { name: 'Throughput' })).toBeVisible();
  const scales = await Promise.all([changes, overview].map(scaleOf));
  const weigh = () => Promise.all(scales.map((weight) => weight()));
  await live(soak, { from: 0, to: WARM_UP_SECONDS });
  await expect(overview.getByRole('img', { name: 'Throughput' })).toBeVisible();
  const before = await weigh();
  const end = WARM_UP_SECONDS + SECONDS;
  await live(soak, { from: WARM_UP_SECONDS, to: end });
  const after = await weigh();

  await expect(changes.getByRole('table', { name: 'Changes' }).getByRole('row')).toHaveCount(1 + SHOWN);
  const last = `SELECT FROM public.notes_copy WHERE body = 'second ${end - 1}'`;
  await expect.poll(() => databases.system(last)).toHaveLength(CHANGES_PER_SECOND);
  for (const [index, weight] of before.entries()) expectNoHeavier(weight, after[index], COMPILED_BYTES);
});
