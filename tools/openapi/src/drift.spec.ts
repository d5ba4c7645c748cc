import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

it('finds the OpenAPI document and the client of the web app as the routes say them; else run: npm run openapi', () => {
  const script = join(__dirname, '../generate.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect([stdout + stderr, status]).toEqual(['openapi: document and client are current\n', 0]);
});
