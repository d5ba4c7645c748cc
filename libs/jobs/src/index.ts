export * from './advance-job.js';
