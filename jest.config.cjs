const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

/** Every project that has tests: one `jest.config.cjs` in each folder of libs, apps and tools. */
const projects = ['libs', 'apps', 'tools']
  .flatMap((group) => readdirSync(join(__dirname, group)).map((name) => join(__dirname, group, name)))
  .filter((folder) => existsSync(join(folder, 'jest.config.cjs')));

// The limit of one test is only heard here when many projects run: real servers on a busy machine take their time.
module.exports = { projects, testTimeout: 120_000 };
