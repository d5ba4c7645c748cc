import { type ComponentType } from 'react';
import { type Role } from '@astro/contracts';
import { type Icon } from '@tabler/icons-react';
import {
  IconCalendar,
  IconClipboardList,
  IconDatabase,
  IconGauge,
  IconHistory,
  IconKey,
  IconPlayerPlay,
  IconUserCircle,
  IconUsers,
  IconZoomQuestion,
} from '../shared/icons.js';

/** Every address of this app; `routes.ts` says which search params each has. */
export type PagePath =
  | '/'
  | '/data-sets'
  | '/data-sets/$name'
  | '/sync/new'
  | '/runs'
  | '/runs/$id'
  | '/changes'
  | '/explain'
  | '/audit'
  | '/schedules'
  | '/people'
  | '/integrations'
  | '/me';

export const MENU_GROUPS = ['Watch', 'Act', 'Know', 'Set up'] as const;

export interface PageEntry {
  readonly path: PagePath;
  /** In the menu and the palette. */
  readonly label: string;
  readonly icon: Icon;
  /** Who may open it; others see the forbidden page, and it is not in their menu. */
  readonly roles: readonly Role[];
  /** Where it stands in the menu; left out for pages that are reached from another one. */
  readonly group?: (typeof MENU_GROUPS)[number];
  /** The second key after `g`. */
  readonly key?: string;
  /** The page, in a file of its own. */
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

const EVERYBODY: readonly Role[] = ['viewer', 'operator', 'auditor', 'admin'];
const OPERATORS: readonly Role[] = ['operator', 'admin'];

/**
 * The pages that exist, in the order of the menu. A page is due when it has a line here: menu, palette, shortcuts and
 * rights follow from it; an address without a line is "not found".
 */
export const PAGES: readonly PageEntry[] = [
  {
    path: '/',
    label: 'Overview',
    icon: IconGauge,
    roles: EVERYBODY,
    group: 'Watch',
    key: 'o',
    load: async () => ({ default: (await import('../pages/overview/OverviewPage.js')).OverviewPage }),
  },
  {
    path: '/data-sets',
    label: 'Data sets',
    icon: IconDatabase,
    roles: EVERYBODY,
    group: 'Watch',
    key: 'd',
    load: async () => ({ default: (await import('../pages/data-sets/DataSetsPage.js')).DataSetsPage }),
  },
  {
    path: '/data-sets/$name',
    label: 'Data set',
    icon: IconDatabase,
    roles: EVERYBODY,
    load: async () => ({ default: (await import('../pages/data-sets/DataSetPage.js')).DataSetPage }),
  },
  {
    path: '/changes',
    label: 'Changes',
    icon: IconHistory,
    roles: EVERYBODY,
    group: 'Know',
    key: 'c',
    load: async () => ({ default: (await import('../pages/changes/ChangesPage.js')).ChangesPage }),
  },
  {
    path: '/runs',
    label: 'Runs',
    icon: IconHistory,
    roles: EVERYBODY,
    group: 'Watch',
    key: 'r',
    load: async () => ({ default: (await import('../pages/runs/RunsPage.js')).RunsPage }),
  },
  {
    path: '/runs/$id',
    label: 'Run',
    icon: IconHistory,
    roles: EVERYBODY,
    load: async () => ({ default: (await import('../pages/runs/RunPage.js')).RunPage }),
  },
  {
    path: '/sync/new',
    label: 'Start a sync',
    icon: IconPlayerPlay,
    roles: OPERATORS,
    group: 'Act',
    load: async () => ({ default: (await import('../pages/sync/StartSyncPage.js')).StartSyncPage }),
  },
  {
    path: '/schedules',
    label: 'Schedules',
    icon: IconCalendar,
    roles: EVERYBODY,
    group: 'Set up',
    key: 't',
    load: async () => ({ default: (await import('../pages/schedules/SchedulesPage.js')).SchedulesPage }),
  },
  {
    path: '/explain',
    label: 'Explain a value',
    icon: IconZoomQuestion,
    roles: EVERYBODY,
    group: 'Know',
    key: 'e',
    load: async () => ({ default: (await import('../pages/explain/ExplainPage.js')).ExplainPage }),
  },
  {
    path: '/audit',
    label: 'Audit trail',
    icon: IconClipboardList,
    roles: ['auditor', 'admin'],
    group: 'Know',
    key: 'a',
    load: async () => ({ default: (await import('../pages/audit/AuditPage.js')).AuditPage }),
  },
  {
    path: '/people',
    label: 'People',
    icon: IconUsers,
    roles: ['admin'],
    group: 'Set up',
    key: 'p',
    load: async () => ({ default: (await import('../pages/people/PeoplePage.js')).PeoplePage }),
  },
  {
    path: '/integrations',
    label: 'Integrations',
    icon: IconKey,
    roles: ['admin'],
    group: 'Set up',
    key: 'i',
    load: async () => ({ default: (await import('../pages/integrations/IntegrationsPage.js')).IntegrationsPage }),
  },
  {
    path: '/me',
    label: 'Me',
    icon: IconUserCircle,
    roles: EVERYBODY,
    load: async () => ({ default: (await import('../pages/me/MePage.js')).MePage }),
  },
];

/** The pages that a person of this role may open. */
export function pagesFor(role: Role): readonly PageEntry[] {
  return PAGES.filter(({ roles }) => roles.includes(role));
}
