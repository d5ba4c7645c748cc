/** Puts the demo data into the OperationsDB that OPERATIONS_DATABASE_URL names, so that `npm start` finds its tables there. */
import { loadDemo } from '../../demo/load.js';

await loadDemo({
  url: process.env.OPERATIONS_DATABASE_URL ?? '',
  log: (message) => console.log(message),
  scale: 0.1,
  link: { allowPlaintext: process.env.ALLOW_PLAINTEXT === 'true' },
});
