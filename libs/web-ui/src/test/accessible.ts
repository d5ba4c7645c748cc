import { getConfig } from '@testing-library/dom';
import axe, { type AxeResults, type NodeResult } from 'axe-core';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to tell jest's types of a matcher
  namespace jest {
    interface Matchers<R> {
      /** Axe finds no fault of WCAG 2.2 AA in the element. Contrast is not judged: see {@link OF_PAINT}. */
      toBeAccessible(): Promise<R>;
    }
  }
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** They need a page that is painted, which jsdom has not; the stories in the browser judge them in both colour schemes. */
const OF_PAINT = ['color-contrast', 'link-in-text-block', 'target-size'];
/** What claims to show a state of a view, in the title of its test. */
const STORY = /\bVS-[13]\b/;

/** React may go on meanwhile, as it may while a test waits. */
function scanned(element: Element): Promise<AxeResults> {
  const rules = Object.fromEntries(OF_PAINT.map((id) => [id, { enabled: false }]));
  const scan = () => axe.run(element, { runOnly: TAGS, rules, resultTypes: ['violations'] });
  return getConfig().asyncWrapper(scan) as Promise<AxeResults>;
}

expect.extend({
  async toBeAccessible(element: Element) {
    const { violations } = await scanned(element);
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(htmlOf).join('\n  ')}`);
    return { pass: found.length === 0, message: () => found.join('\n') || 'Axe finds nothing' };
  },
});

const htmlOf = ({ html }: NodeResult): string => html;

/** Every story is looked at as it ends; one that shows several states asks for it before it leaves each of the others. */
afterEach(async () => {
  const title = expect.getState().currentTestName ?? '';
  if (STORY.test(title)) await expect(document.body).toBeAccessible();
});
