import { createRootRoute, createRoute } from '@tanstack/react-router';
import { auditSearch } from '../pages/audit/search.js';
import { changesSearch } from '../pages/changes/search.js';
import { dataSetSearch, dataSetsSearch } from '../pages/data-sets/search.js';
import { explainSearch } from '../pages/explain/search.js';
import { integrationsSearch } from '../pages/integrations/search.js';
import { overviewSearch } from '../pages/overview/search.js';
import { peopleSearch } from '../pages/people/search.js';
import { runSearch, runsSearch } from '../pages/runs/search.js';
import { schedulesSearch } from '../pages/schedules/search.js';
import { signInSearch } from '../pages/sign-in/search.js';
import { SignInPage } from '../pages/sign-in/SignInPage.js';
import { startSyncSearch } from '../pages/sync/search.js';
import { pageAt } from './page-at.js';
import { Root } from './Root.js';

/**
 * Every address with its search params. A page reads them through `getRouteApi('/runs').useSearch()` and changes them
 * through the `useNavigate` of the same.
 */
const root = createRootRoute({ component: Root });
const under = () => root;

const overview = createRoute({ getParentRoute: under, path: '/', ...overviewSearch, component: pageAt('/') });
const dataSets = createRoute({
  getParentRoute: under,
  path: '/data-sets',
  ...dataSetsSearch,
  component: pageAt('/data-sets'),
});
const dataSet = createRoute({
  getParentRoute: under,
  path: '/data-sets/$name',
  ...dataSetSearch,
  component: pageAt('/data-sets/$name'),
});
const startSync = createRoute({
  getParentRoute: under,
  path: '/sync/new',
  ...startSyncSearch,
  component: pageAt('/sync/new'),
});
const runs = createRoute({ getParentRoute: under, path: '/runs', ...runsSearch, component: pageAt('/runs') });
const run = createRoute({ getParentRoute: under, path: '/runs/$id', ...runSearch, component: pageAt('/runs/$id') });
const changes = createRoute({
  getParentRoute: under,
  path: '/changes',
  ...changesSearch,
  component: pageAt('/changes'),
});
const explain = createRoute({
  getParentRoute: under,
  path: '/explain',
  ...explainSearch,
  component: pageAt('/explain'),
});
const audit = createRoute({ getParentRoute: under, path: '/audit', ...auditSearch, component: pageAt('/audit') });
const schedules = createRoute({
  getParentRoute: under,
  path: '/schedules',
  ...schedulesSearch,
  component: pageAt('/schedules'),
});
const people = createRoute({ getParentRoute: under, path: '/people', ...peopleSearch, component: pageAt('/people') });
const integrations = createRoute({
  getParentRoute: under,
  path: '/integrations',
  ...integrationsSearch,
  component: pageAt('/integrations'),
});
const me = createRoute({ getParentRoute: under, path: '/me', component: pageAt('/me') });
const signIn = createRoute({ getParentRoute: under, path: '/sign-in', ...signInSearch, component: SignInPage });

export const routeTree = root.addChildren([
  overview,
  dataSets,
  dataSet,
  startSync,
  runs,
  run,
  changes,
  explain,
  audit,
  schedules,
  people,
  integrations,
  me,
  signIn,
]);
