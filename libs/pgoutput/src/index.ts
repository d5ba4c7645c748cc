export * from './decoder.js';
export * from './messages.js';
export * from './tuple.js';
