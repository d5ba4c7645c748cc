import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');
const read = (...path: readonly string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

it.each([
  ['the image', (options: readonly string[]) => ['docker/Dockerfile', options.map((each) => `"${each}"`).join(', ')]],
  ['the manual', (options: readonly string[]) => ['docs/operations.md', `node ${options.join(' ')} dist/`]],
])('%s starts the worker with the options of npm start', (_name, expected) => {
  const options = JSON.parse(read('apps', 'sync-worker', 'node-options.json')) as string[];
  const [file = '', text = ''] = expected(options);
  expect(read(file)).toContain(text);
});
