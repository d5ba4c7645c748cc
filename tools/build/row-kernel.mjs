/**
 * `npm run kernel`: compiles row-kernel.wat of libs/apply into row-kernel.wasm.ts. The result is committed, so that
 * no build needs the compiler.
 * With `--check` nothing is written: it fails when what is committed is not what the source compiles to.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import startWabt from 'wabt';
import { ROOT } from './targets.mjs';

const FOLDER = join(ROOT, 'libs', 'apply', 'src', 'copy', 'kernel');
const SOURCE = join(FOLDER, 'row-kernel.wat');
const OUTPUT = join(FOLDER, 'row-kernel.wasm.ts');
const HEAD = '/** Made from row-kernel.wat by `npm run kernel`: WebAssembly as base64. */';
const FEATURES = { simd: true, multi_value: true, bulk_memory: true };

/**
 * The text of row-kernel.wasm.ts as the source says it now, formatted as Prettier would.
 * @returns {Promise<string>}
 */
export async function compiled() {
  const { parseWat } = await startWabt();
  const kernel = parseWat('row-kernel.wat', readFileSync(SOURCE, 'utf8'), FEATURES);
  try {
    kernel.validate();
    const base64 = Buffer.from(kernel.toBinary({}).buffer).toString('base64');
    return `${HEAD}\nexport const ROW_KERNEL =\n  '${base64}';\n`;
  } finally {
    kernel.destroy(); // its memory is the compiler's own, which nobody else frees
  }
}

async function write() {
  writeFileSync(OUTPUT, await compiled());
  console.log('kernel: wrote libs/apply/src/copy/kernel/row-kernel.wasm.ts');
}

async function check() {
  const isCurrent = existsSync(OUTPUT) && readFileSync(OUTPUT, 'utf8') === (await compiled());
  if (isCurrent) return console.log('kernel: row-kernel.wasm.ts is current');
  console.error('row-kernel.wasm.ts is not what row-kernel.wat compiles to\nRun: npm run kernel');
  process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await (process.argv.includes('--check') ? check() : write());
}
