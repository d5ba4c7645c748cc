import { test as base, type BrowserContext, type BrowserContextOptions, type Page, request } from '@playwright/test';
import { Api } from './api.js';
import { type Act, control } from './control.js';
import { Databases } from './databases.js';
import { FACTS_VARIABLE } from './global-setup.js';
import { expectAccessible, lookAt } from './look.js';
import type { ProductFacts } from './product.js';
import type { Role } from './sign-ins.js';

export { expect } from '@playwright/test';

interface ForEach {
  /** Signs the browser of the story in, without the page of it. */
  readonly signInAs: (role: Role) => Promise<Api>;
  /** Signs in as a program would, beside the browser of the story. */
  readonly as: (role: Role) => Promise<Api>;
  /** Opens the browser of a second person, signed in. */
  readonly colleague: (role: Role, options?: BrowserContextOptions) => Promise<Page>;
  /** See {@link lookAt}; on the page of the story. */
  readonly look: (heading: string | RegExp) => Promise<void>;
  readonly act: (act: Act) => Promise<void>;
  readonly leaveAllWell: void;
}

interface ForAll {
  readonly product: ProductFacts;
  readonly databases: Databases;
}

/** What the stories share: the running product, who is signed in, and the look at every page for accessibility. */
export const test = base.extend<ForEach, ForAll>({
  product: [JSON.parse(process.env[FACTS_VARIABLE] ?? '{}') as ProductFacts, { scope: 'worker', option: true }],
  databases: [
    async ({ product }, use) => {
      const databases = await Databases.connect(product);
      await use(databases);
      await databases.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ product }, use) => use(product.url),
  signInAs: async ({ context }, use) => use((role) => Api.signIn(context.request, role)),
  as: async ({ product }, use) => {
    const own = await request.newContext({ baseURL: product.url });
    await use((role) => Api.signIn(own, role));
    await own.dispose();
  },
  colleague: async ({ browser, product }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (role, options = {}) => {
      const context = await browser.newContext({ baseURL: product.url, reducedMotion: 'reduce', ...options });
      contexts.push(context);
      await Api.signIn(context.request, role);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
  look: async ({ page }, use) => use((heading) => lookAt(page, heading)),
  act: async ({ product }, use) => use((act) => control(product.controlUrl, act)),
  page: async ({ page }, use, { expectedStatus, status }) => {
    await use(page);
    // Also how a story leaves its last page is looked at; a story that failed has more to say than that.
    if (status === expectedStatus && isOurs(page)) await expectAccessible(page);
  },
  leaveAllWell: [
    async ({ act, as }, use) => {
      await use();
      await act('startApi');
      await act('startWorker');
      await (await as('admin')).endAllRuns();
    },
    { auto: true },
  ],
});

const isOurs = (page: Page): boolean => !page.isClosed() && page.url().startsWith('http');
