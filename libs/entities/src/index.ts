export * from './system-data-source.js';
export * from './job-queue.entity.js';
export * from './api-key.entity.js';
export * from './entry-log.entity.js';
export * from './session.entity.js';
export * from './user.entity.js';
export * from './grants.js';
export { indexAuditWords } from './audit-indexes.js';
