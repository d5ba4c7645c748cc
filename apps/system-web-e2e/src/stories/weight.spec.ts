import { type Page } from '@playwright/test';
import { type Databases } from '../support/databases.js';
import { expect, test } from '../support/test.js';
import { expectNoHeavier, GROWTH, scaleOf } from '../support/weight.js';

/** A page must not become heavier by what has gone through it. */

// A trace keeps a copy of every page that it has seen, in the page itself.
test.use({ trace: 'off' });
test.describe.configure({ timeout: 300_000 });

const ROWS = 10_000;
/** The largest page that the list offers. */
const PAGE_ROWS = 100;
const LONG_TASK_MS = 200;
const ANSWER_BYTES_PER_ROW = 2_000;

/** Changes notes that no other story is about, until there are {@link ROWS} changes of this story. */
async function changeMany(databases: Databases, story: string): Promise<void> {
  const notes = 200;
  const update = `UPDATE public.notes SET body = body WHERE id > 300 - ${notes};`;
  await databases.operations(
    `BEGIN; SELECT sync.set_origin('BookingAPI', 'ana', 'touch', NULL, '${story}'); ${update.repeat(ROWS / notes)} COMMIT`,
  );
  const done = `SELECT FROM public.job_queue WHERE correlation_id = $1 AND status = 'completed'`;
  await expect.poll(async () => (await databases.system(done, [story])).length, { timeout: 60_000 }).toBe(ROWS);
}

interface Work {
  readonly rowsMade: number;
  readonly longTasksMs: readonly number[];
}

/** @returns what the page has done since it was loaded */
async function recordWork(page: Page): Promise<() => Promise<Work>> {
  await page.addInitScript(() => {
    const work = { rowsMade: 0, longTasksMs: [] as number[] };
    Object.assign(window, { workSeen: work });
    const rowsIn = (node: Node): number =>
      node instanceof Element ? Number(node.matches('tbody tr')) + node.querySelectorAll('tbody tr').length : 0;
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) work.rowsMade += rowsIn(node);
    }).observe(document, { subtree: true, childList: true });
    new PerformanceObserver((list) => {
      work.longTasksMs.push(...list.getEntries().map(({ duration }) => Math.round(duration)));
    }).observe({ type: 'longtask' });
  });
  return () => page.evaluate(() => (window as unknown as { workSeen: Work }).workSeen);
}

/** The changes on the page that is open, and of how many elements it is made. */
async function shownOn(page: Page): Promise<{ readonly ids: readonly string[]; readonly elements: number }> {
  await expect(page.locator('.data-table[aria-busy="false"]')).toBeVisible();
  return { ids: await idsOn(page), elements: await page.evaluate(() => document.querySelectorAll('*').length) };
}

/** The address of a row's link changes with the page's, what it opens does not. */
function idsOn(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLAnchorElement>('tbody tr td:first-child a')].map(
      ({ href }) => new URL(href).searchParams.get('open') ?? '',
    ),
  );
}

/** Turns the wheel until the end of the page is in view. */
async function scrollThrough(page: Page): Promise<void> {
  await page.mouse.move(640, 400);
  await page.mouse.wheel(0, 100_000);
  await page.waitForFunction(() => window.scrollY + window.innerHeight >= document.documentElement.scrollHeight - 1);
}

/** Goes through all pages of the list, and scrolls each. @returns what each was made of, and long tasks of scrolling */
async function walk(page: Page, work: () => Promise<Work>) {
  const pages = [await shownOn(page)];
  const scrollingMs: number[] = [];
  const next = page.getByRole('button', { name: 'Next page' });
  for (;;) {
    const { length } = (await work()).longTasksMs;
    await scrollThrough(page);
    scrollingMs.push(...(await work()).longTasksMs.slice(length));
    if (await next.isDisabled()) return { pages, scrollingMs };
    const before = pages.at(-1)?.ids[0];
    await next.click();
    await expect.poll(async () => (await idsOn(page))[0]).not.toBe(before);
    pages.push(await shownOn(page));
  }
}

/** For whoever reads the report. */
function tellLongTasks(kind: string, tasksMs: readonly number[]): void {
  const long = tasksMs.filter((ms) => ms > LONG_TASK_MS);
  const description = `${long.length} over ${LONG_TASK_MS} ms; the longest ${Math.max(0, ...tasksMs)} ms`;
  test.info().annotations.push({ type: kind, description });
}

// How long a task takes is a matter of the machine too, so that is told and decides nothing. What makes tasks long does:
// rows that are made again, and a page that is made of more, the more has gone through it.
test('TB-2 10 000 rows are scrolled through, a hundred at a time: each is made once, and the page does not grow', async ({
  page,
  signInAs,
  databases,
}) => {
  const story = `many-${Date.now()}`;
  await changeMany(databases, story);
  await signInAs('viewer');
  const work = await recordWork(page);
  const weigh = await scaleOf(page);
  await page.goto(`/changes?correlationId=${story}&limit=${PAGE_ROWS}`);
  await expect(page.getByRole('table', { name: 'Changes' })).toBeVisible();
  const before = await weigh();
  const { pages, scrollingMs } = await walk(page, work);

  const { rowsMade, longTasksMs } = await work();
  tellLongTasks('long tasks, scrolling', scrollingMs);
  tellLongTasks('long tasks, with turning the pages', longTasksMs);
  const ids = pages.flatMap((one) => one.ids);
  expect(ids).toHaveLength(ROWS);
  expect(new Set(ids).size).toBe(ROWS);
  expect(rowsMade).toBe(ROWS);
  expect(Math.max(...pages.map((one) => one.ids.length))).toBe(PAGE_ROWS);
  expect(Math.max(...pages.map((one) => one.elements))).toBeLessThan((pages[0]?.elements ?? 0) * GROWTH);
  // Answers are kept for some minutes, to go back to.
  expectNoHeavier(before, await weigh(), ROWS * ANSWER_BYTES_PER_ROW);
});
