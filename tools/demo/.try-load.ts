import { loadDemo } from './load.js';
await loadDemo({ url: process.argv[2]!, log: console.log, link: { allowPlaintext: true } });
