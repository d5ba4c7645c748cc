import { join } from 'node:path';
import { Program, ROOT } from './program.js';
import type { Site } from './site.js';

/** A hundredth of what `npm start` loads: about 50 launches and 1 000 bookings. */
const SCALE = 0.01;

/**
 * Fills OperationsDB with the demo data of AstroBookings, in a process of its own.
 * @param owner the address of OperationsDB for who shall own the tables
 */
export async function loadDemo(site: Site, owner: string): Promise<void> {
  const options = `{ url: ${JSON.stringify(owner)}, scale: ${SCALE}, log: () => {} }`;
  const script = `import { loadDemo } from './tools/demo/load.ts'; await loadDemo(${options});`;
  const env = { ...site.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.base.json') };
  const { code, stderr } = await new Program(['--import', 'tsx', '--input-type=module', '--eval', script], env).ended;
  if (code !== 0) throw new Error(stderr);
}
