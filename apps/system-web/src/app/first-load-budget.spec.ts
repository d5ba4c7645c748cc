import { gzipSync } from 'node:zlib';
import { firstLoadBudget, firstLoadBytes } from '../../first-load-budget.js';

const chunk = (fileName: string, imports: string[] = [], isEntry = false) => ({
  type: 'chunk' as const,
  fileName,
  imports,
  isEntry,
  code: `export const file = '${fileName}';`,
});
const bundle = {
  'index.js': chunk('index.js', ['shared.js'], true),
  'shared.js': chunk('shared.js', ['index.js']),
  'charts.js': chunk('charts.js', ['shared.js']),
};

it('PF-1 counts the entry and what it imports at once, each once', () => {
  const sizes = [bundle['index.js'], bundle['shared.js']].map(({ code }) => gzipSync(code).length);
  expect(firstLoadBytes(bundle)).toBe(sizes.reduce((a, b) => a + b));
});

it('PF-1 a build over the budget fails and says what to do', () => {
  expect(() => firstLoadBudget(10).generateBundle({}, bundle)).toThrow(/it may load 1 kB\. Make a page/);
  expect(() => firstLoadBudget(10_000).generateBundle({}, bundle)).not.toThrow();
});
