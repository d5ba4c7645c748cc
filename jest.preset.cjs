const { compilerOptions } = require('./tsconfig.base.json');

/** TypeScript path aliases as jest module names, so that tests run on sources, never on build output. */
const aliases = Object.fromEntries(
  Object.entries(compilerOptions.paths).map(([alias, [target]]) => [`^${alias}$`, `${__dirname}/${target}`]),
);

/**
 * The settings every project's tests share. CommonJS output with nothing ignored by the transform is the one
 * combination in which ES-module packages (NestJS) load under jest on Node 20.
 *
 * `servers: true` gives a project's specs real PostgreSQL and Redis servers (see `testServers` in libs/testing);
 * they start once per run, and only when a project that wants them is part of it.
 */
module.exports = (displayName, rootDir, { servers = false } = {}) => ({
  displayName,
  rootDir,
  ...(servers && {
    globalSetup: `${__dirname}/libs/testing/src/global-setup.cjs`,
    globalTeardown: `${__dirname}/libs/testing/src/global-teardown.cjs`,
  }),
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  testEnvironment: 'node',
  testTimeout: 120_000, // real servers on a busy machine; tests wait for conditions, so a quick one stays quick
  moduleNameMapper: { ...aliases, '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.(ts|tsx|js|mjs)$': [
      '@swc/jest',
      {
        module: { type: 'commonjs' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true, decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, react: { runtime: 'automatic' } },
        },
      },
    ],
  },
  transformIgnorePatterns: [],
});
