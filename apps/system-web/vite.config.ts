import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: fromHere('.'),
  plugins: [react()],
  resolve: { alias: { '@astro/contracts': fromHere('../../libs/contracts/src/index.ts') } },
  // system-api puts the nonce of each answer in its place.
  html: { cspNonce: '__CSP_NONCE__' },
  // Every file stays a file: the content security policy permits no data: scripts or styles.
  build: { target: 'es2022', sourcemap: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': 'http://127.0.0.1:3000' } },
});
