export type { ProvenanceSql } from './provenance-sql.js';
export { setupSource, type SetupOptions, type SetupResult } from './setup-source.js';
export { setupSystemTargets, type SystemSetupOptions } from './setup-system-targets.js';
export type { LockLimits } from './short-transaction.js';
export { teardownSource, type TeardownOptions } from './teardown-source.js';
