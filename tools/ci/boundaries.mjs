/**
 * Which project may import which, by the tags in each `project.json` (docs/architecture/01-overview.md).
 * Features never import features: ports live in sync-core and the apps wire them.
 */
const MAY_IMPORT = {
  app: ['domain', 'contract', 'util', 'data-access', 'feature', 'ui'],
  tool: ['domain', 'contract', 'util', 'data-access', 'feature', 'tool'],
  e2e: ['domain', 'contract', 'util', 'data-access', 'feature', 'testing'],
  feature: ['domain', 'contract', 'util', 'data-access'],
  'data-access': ['domain', 'util'],
  ui: ['contract', 'ui'],
  contract: ['domain', 'contract'],
  domain: ['domain'],
  util: ['util'],
  testing: ['util'],
};
const PLATFORMS = { any: ['any'], node: ['any', 'node'], web: ['any', 'web'] };

/** What a decision or an agreement must not know of: frameworks, ORM, queue, drivers. */
const INFRASTRUCTURE = ['@nestjs/*', 'typeorm', 'bullmq', 'ioredis', 'pg', 'pg-*', 'express', 'react', 'react-dom'];
const PURE = ['domain', 'contract'];

/** Tools have no `@astro/*` name; one may use another by its path. */
const TOOLS = ['bench', 'build', 'demo', 'stack', 'test'].flatMap((tool) => [`../${tool}/**`, `../../${tool}/**`]);

/** Browser tests start the same whole system as the tests of the API, in the browser that the test command installs. */
const FOR_BROWSER_TESTS = ['../../../system-api-e2e/src/support/**', '../../tools/test/src/chromium.js'];

/** The boundary rule for production files, or for specs, which may also use `libs/testing`. */
export function boundaries({ specs }) {
  const byType = Object.entries(MAY_IMPORT).map(([type, allowed]) => ({
    sourceTag: `type:${type}`,
    onlyDependOnLibsWithTags: [...allowed, ...(specs ? ['testing'] : [])].map((name) => `type:${name}`),
    ...(PURE.includes(type) && !specs ? { bannedExternalImports: INFRASTRUCTURE } : {}),
  }));
  const byPlatform = Object.entries(PLATFORMS).map(([platform, allowed]) => ({
    sourceTag: `platform:${platform}`,
    onlyDependOnLibsWithTags: [...allowed, ...(specs ? ['node'] : [])].map((name) => `platform:${name}`),
  }));
  const depConstraints = [...byType, ...byPlatform];
  return { '@nx/enforce-module-boundaries': ['error', { allow: [...TOOLS, ...FOR_BROWSER_TESTS], depConstraints }] };
}
