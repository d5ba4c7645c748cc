export * from './model.js';
export * from './parse-catalogue.js';
export * from './problem.js';
export * from './read-catalogue-file.js';
export * from './render-catalogue.js';
export * from './suggest.js';
export * from './table-name.js';
