import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { firstLoadBudget } from './first-load-budget.js';

/** Of gzipped script, without the charts. */
const FIRST_LOAD_BYTES = 350_000;

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: fromHere('.'),
  plugins: [react(), firstLoadBudget(FIRST_LOAD_BYTES)],
  resolve: {
    alias: {
      '@astro/contracts': fromHere('../../libs/contracts/src/index.ts'),
      '@astro/web-ui/styles.css': fromHere('../../libs/web-ui/src/styles.css'),
      '@astro/web-ui': fromHere('../../libs/web-ui/src/index.ts'),
    },
  },
  // system-api puts the nonce of each answer in its place.
  html: { cspNonce: '__CSP_NONCE__' },
  // Every file stays a file: the content security policy permits no data: scripts or styles.
  build: {
    target: 'es2022',
    // The styles use light-dark(); what older browsers would get instead does not follow Mantine's colour scheme.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    sourcemap: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:3000', '/health': 'http://127.0.0.1:3000' } },
});
