import { spawnSync } from 'node:child_process';
import { ROOT } from '../../../system-api-e2e/src/support/program.js';
import { serveControl } from './control.js';
import { Product, type ProductFacts } from './product.js';

/** The variable that carries {@link ProductFacts} to the stories. */
export const FACTS_VARIABLE = 'ASTRO_WEB_E2E';

/** Builds what has changed and starts the product once per run. @returns what stops it */
export default async function globalSetup(): Promise<() => Promise<void>> {
  build();
  const product = await Product.start();
  const { server, url } = await serveControl(product);
  const facts: ProductFacts = { ...product.facts, controlUrl: url };
  process.env[FACTS_VARIABLE] = JSON.stringify(facts);
  return async () => {
    server.close();
    await product.stop();
  };
}

function build(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/build/build.mjs'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The programs could not be built:\n${stdout}${stderr}`);
}
