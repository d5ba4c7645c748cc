export * from './claim.js';
export * from './installer-sql.js';
export * from './trigger-sql.js';
export * from './with-origin.js';
