import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { chromium } from '@playwright/test';
import { installPackage } from '@astro/embedded';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PACKAGE = 'chromium';
const START_TIMEOUT_MS = 20_000;

type Announce = (message: string) => void;
/** One way to a browser; null when it leads nowhere. */
type Way = (announce: Announce) => string | null | Promise<string | null>;

/** No browser can be found or installed. */
export class NoChromiumError extends Error {
  override readonly name = 'NoChromiumError';

  constructor() {
    super(
      'The browser tests need Chromium, and none was found. Do one of these: put chromium or google-chrome on PATH; ' +
        `install it with the system's package manager (Debian: sudo apt-get install ${PACKAGE}); or run ` +
        '"npx playwright install --with-deps chromium", which downloads one and needs the internet.',
    );
  }
}

/**
 * The browser of the browser tests: the system's, else from its package manager when that can be used without asking,
 * else the one that Playwright downloads.
 * @param announce told before something takes long
 * @throws {NoChromiumError}
 */
export async function ensureChromium(
  announce: Announce,
  ways: readonly Way[] = [findChromium, fromPackageManager, fromDownload],
): Promise<string> {
  for (const way of ways) {
    const browser = await way(announce);
    if (browser !== null) return browser;
  }
  throw new NoChromiumError();
}

/** A browser that is there and starts: some systems have only a stand-in of that name, which says how to install it. */
export function findChromium(): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin'].filter(Boolean);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...new Set([...onPath, chromium.executablePath()])].find(starts) ?? null;
}

function starts(program: string): boolean {
  if (!existsSync(program)) return false;
  return spawnSync(program, ['--version'], { stdio: 'ignore', timeout: START_TIMEOUT_MS }).status === 0;
}

async function fromPackageManager(announce: Announce): Promise<string | null> {
  await installPackage(PACKAGE, announce);
  return findChromium();
}

function fromDownload(announce: Announce): string | null {
  announce('Downloading Chromium with Playwright, because the system has none …');
  const cli = join(dirname(createRequire(import.meta.url).resolve('@playwright/test/package.json')), 'cli.js');
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: ['ignore', 'ignore', 'inherit'] });
  return findChromium();
}
