import { type CDPSession, expect, type Page, test } from '@playwright/test';

/** What a page keeps in the browser once everything that nobody holds any more is gone. */
export interface Weight {
  /** In the document, and outside of it while a script still holds them. */
  readonly nodes: number;
  readonly listeners: number;
  readonly heapBytes: number;
}

export const GROWTH = 1.1;
/** What differs between two answers, such as how many points a chart has by now, is less. */
const SPARE = { nodes: 300, listeners: 50 };

/** @returns what weighs the page, as often as it is asked */
export async function scaleOf(page: Page): Promise<() => Promise<Weight>> {
  const browser = await page.context().newCDPSession(page);
  await browser.send('Performance.enable');
  return () => weigh(browser);
}

async function weigh(browser: CDPSession): Promise<Weight> {
  // What the first one lets go of, such as the target of a weak reference, is only collected by the second.
  for (let round = 0; round < 2; round++) await browser.send('HeapProfiler.collectGarbage');
  const { metrics } = await browser.send('Performance.getMetrics');
  const of = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? NaN;
  return { nodes: of('Nodes'), listeners: of('JSEventListeners'), heapBytes: of('JSHeapUsedSize') };
}

/** @param heapBytes how much more the page may keep */
export function expectNoHeavier(before: Weight, after: Weight | undefined, heapBytes: number): void {
  test.info().annotations.push({ type: 'weight', description: JSON.stringify({ before, after }) });
  expect(after?.nodes, 'nodes').toBeLessThan(before.nodes * GROWTH + SPARE.nodes);
  expect(after?.listeners, 'listeners').toBeLessThan(before.listeners * GROWTH + SPARE.listeners);
  expect(after?.heapBytes, 'heap').toBeLessThan(before.heapBytes * GROWTH + heapBytes);
}
