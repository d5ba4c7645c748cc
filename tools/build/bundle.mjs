import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './targets.mjs';

/** Packages stay outside; our own libs and the compiler's decorator helpers, which are no dependency, go in. */
const PACKAGES = /^(?!@astro\/|@oxc-project\/runtime\/)[^./\0]/;

/**
 * Bundles one program, not minified and with names kept, so that stack traces read well; `--enable-source-maps` makes
 * them name the sources. `design:paramtypes` for Nest comes from the settings in tsconfig.base.json.
 */
export async function bundle({ entry, output }) {
  const program = await rolldown({
    input: entry,
    platform: 'node',
    tsconfig: join(ROOT, 'tsconfig.base.json'),
    external: PACKAGES,
    resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
    onLog: refuseWarnings,
  });
  try {
    await program.write({
      file: output,
      format: 'esm',
      sourcemap: true,
      codeSplitting: false,
      keepNames: true,
    });
  } finally {
    await program.close();
  }
}

function refuseWarnings(level, log) {
  if (level === 'warn') throw new Error(`build: ${log.message}`);
}
