import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
/** The built programs. */
export const DIST = join(ROOT, 'dist', 'apps');
/** Programs of the benchmark itself that run in a process of their own. */
export const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));
