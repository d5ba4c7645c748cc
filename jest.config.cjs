const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

/** Every project that has tests: one `jest.config.cjs` in each folder of libs, apps and tools. */
const projects = ['libs', 'apps', 'tools']
  .flatMap((group) => readdirSync(join(__dirname, group)).map((name) => join(__dirname, group, name)))
  .filter((folder) => existsSync(join(folder, 'jest.config.cjs')));

module.exports = { projects };
