export * from './problem.js';
export * from './readiness.js';
export * from './status.js';
