import { createRouter, type RouterHistory } from '@tanstack/react-router';
import { parseSearch, printSearch } from '../shared/search-params.js';
import { CrashPage } from './edge/CrashPage.js';
import { NotFoundPage } from './edge/NotFoundPage.js';
import { routeTree } from './routes.js';

/** @param history tests give one in memory; the address bar unless given */
export function createAppRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    parseSearch,
    stringifySearch: printSearch,
    defaultErrorComponent: CrashPage,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: history === undefined,
    ...(history && { history }),
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter;
  }
}
