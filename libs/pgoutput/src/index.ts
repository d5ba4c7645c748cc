export * from './decoder.js';
export * from './messages.js';
