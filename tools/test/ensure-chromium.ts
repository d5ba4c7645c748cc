import { ensureChromium } from './src/chromium.js';

/** Installs the browser of the browser tests when there is none; says what is missing when it cannot. */
try {
  await ensureChromium(console.error);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
