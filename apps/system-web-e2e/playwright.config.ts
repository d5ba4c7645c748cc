import { defineConfig, devices } from '@playwright/test';
import { findChromium } from '../../tools/test/src/chromium.js';

/** What a Chromium in a container, or under root, needs; and nothing of it calls home. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const RESULTS = '../../dist/e2e';
const chromium = findChromium();

/** One whole system per run, so one worker: the stories share its data sets and find them as the one before left them. */
export default defineConfig({
  testDir: 'src/stories',
  outputDir: `${RESULTS}/traces`,
  snapshotPathTemplate: '{testDir}/../snapshots/{arg}{ext}',
  globalSetup: './src/support/global-setup.ts',
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list'], ['json', { outputFile: `${RESULTS}/results.json` }]],
  use: {
    ...devices['Desktop Chrome'],
    locale: 'en-GB',
    timezoneId: 'UTC',
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'retain-on-failure',
    launchOptions: { args: FLAGS, ...(chromium !== null && { executablePath: chromium }) },
  },
});
