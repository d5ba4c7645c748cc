import { type AccessOptions } from '../auth/access.decorators.js';

/** Who may read data sets, runs, changes, explanations, the overview and schedules. */
export const READERS: AccessOptions = { roles: ['viewer', 'operator', 'auditor', 'admin'], scopes: ['read'] };
