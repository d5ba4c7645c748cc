import { type FunctionComponent, lazy, Suspense } from 'react';
import { Bars, LoadingState } from '@astro/web-ui';
import { useMe } from '../features/session/session-context.js';
import { ForbiddenPage } from './edge/ForbiddenPage.js';
import { NotFoundPage } from './edge/NotFoundPage.js';
import { type PageEntry, type PagePath, PAGES } from './pages.js';

/** What stands at an address: its page for the roles that may open it. */
export function pageAt(path: PagePath): FunctionComponent {
  const entry = PAGES.find((page) => page.path === path);
  return entry ? guarded(entry) : NotFoundPage;
}

function guarded({ roles, label, load }: PageEntry): FunctionComponent {
  const Page = lazy(load);
  return function GuardedPage() {
    const { role } = useMe();
    if (!roles.includes(role)) return <ForbiddenPage page={label} roles={roles} />;
    return (
      <Suspense fallback={<PageLoading label={label} />}>
        <Page />
      </Suspense>
    );
  };
}

function PageLoading({ label }: { readonly label: string }) {
  return (
    <LoadingState label={`Loading ${label}`}>
      <Bars count={5} height={48} />
    </LoadingState>
  );
}
