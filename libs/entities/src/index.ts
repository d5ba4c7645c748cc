export * from './system-data-source.js';
export * from './job-queue.entity.js';
