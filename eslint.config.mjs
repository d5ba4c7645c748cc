import js from '@eslint/js';
import { readCachedProjectGraph } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { boundaries } from './tools/ci/boundaries.mjs';

requireProjectGraph();

const TYPESCRIPT = ['**/*.ts', '**/*.tsx'];
const SCRIPTS = ['**/*.{js,mjs,cjs}'];
const SPECS = ['**/*.spec.ts', '**/*.spec.tsx', 'apps/*-e2e/**/*.ts'];
/** What specs share; production code must not import it. */
const FIXTURES = ['**/*.fixture.ts'];
const WEB = ['apps/system-web/**/*.{ts,tsx}', 'libs/web-ui/**/*.{ts,tsx}'];
/** Where printing is the purpose: command line tools and the entry files of the apps. */
const ENTRY_FILES = ['tools/**', 'apps/*/src/main.ts', 'apps/*/src/cli/**'];
/** Nest hands a class its dependencies one by one; an options object is no way out there. */
const INJECTED = ['apps/system-api/src/**/*.ts', 'apps/sync-worker/src/**/*.ts'];
const NO_SLEEP = 'Wait for the condition itself; a test that sleeps is slow or flaky, mostly both.';

export default defineConfig(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/generated/**', '**/coverage/**', '.nx/**', '.stack/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: [...TYPESCRIPT, ...SCRIPTS], extends: [js.configs.recommended], rules: budgets() },
  { files: SCRIPTS, languageOptions: { globals: globals.node } },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: types(),
  },
  {
    files: TYPESCRIPT,
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import-x/resolver-next': [sourceResolver()],
    },
    rules: { 'import-x/no-cycle': ['error', { ignoreExternal: true }], ...boundaries({ specs: false }) },
  },
  // The React compiler is not used, so a library that it would have to leave alone is no matter.
  {
    files: WEB,
    extends: [reactHooks.configs.flat.recommended],
    rules: { 'react-hooks/incompatible-library': 'off' },
  },
  { files: ENTRY_FILES, rules: { 'no-console': 'off' } },
  { files: INJECTED, rules: injected() },
  { files: TYPESCRIPT, ignores: [...SPECS, ...FIXTURES], rules: noFixtures() },
  { files: [...SPECS, ...FIXTURES], rules: boundaries({ specs: true }) },
  { files: SPECS, rules: specs() },
);

/** Without the graph the boundary rule skips itself with a warning; here that is an error. */
function requireProjectGraph() {
  try {
    readCachedProjectGraph();
  } catch (cause) {
    throw new Error('No Nx project graph, so module boundaries cannot be checked. Run `npm run lint`.', { cause });
  }
}

/** Imports end on `.js` and name the `.ts` beside it; `@astro/*` are the paths of tsconfig.base.json. */
function sourceResolver() {
  return createNodeResolver({
    extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    extensionAlias: { '.js': ['.ts', '.tsx', '.js'] },
    tsconfig: { configFile: `${import.meta.dirname}/tsconfig.base.json` },
  });
}

function budgets() {
  const lines = (max) => ['error', { max, skipBlankLines: true, skipComments: true }];
  return {
    complexity: ['error', { max: 12, variant: 'modified' }],
    eqeqeq: 'error',
    'max-depth': ['error', 3],
    'max-lines': lines(300),
    'max-lines-per-function': lines(40),
    'max-params': ['error', 3],
    'no-console': 'error',
    'no-else-return': 'error',
    'no-var': 'error',
    'object-shorthand': 'error',
    'prefer-const': 'error',
  };
}

/** The limit of parameters for everything but constructors. */
function injected() {
  const selector = ':function[params.length>3]:not(MethodDefinition[kind="constructor"] > FunctionExpression)';
  const message = 'More than 3 parameters; take an options object.';
  return { 'max-params': 'off', 'no-restricted-syntax': ['error', { selector, message }] };
}

function types() {
  return {
    // The rule leaves files with decorators alone: Nest reads their imports at run time.
    '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    // An interface may ask for a promise where one implementation has nothing to wait for.
    '@typescript-eslint/require-await': 'off',
    '@typescript-eslint/return-await': ['error', 'in-try-catch'],
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  };
}

function noFixtures() {
  const patterns = [{ group: ['**/*.fixture.js', '**/*.spec.js'], message: 'Only specs import what specs share.' }];
  return { 'no-restricted-imports': ['error', { patterns }] };
}

function specs() {
  return {
    'max-lines': 'off',
    'max-lines-per-function': 'off',
    // A row of a table of cases has as many parameters as the table has columns.
    'max-params': 'off',
    'no-restricted-globals': ['error', { name: 'setTimeout', message: NO_SLEEP }],
    'no-restricted-imports': ['error', { name: 'node:timers/promises', message: NO_SLEEP }],
    'no-restricted-syntax': [
      'error',
      { selector: 'CallExpression[callee.name="sleep"]', message: NO_SLEEP },
      { selector: 'CallExpression[callee.object.name!="jest"][callee.property.name="setTimeout"]', message: NO_SLEEP },
    ],
    // Jest's matchers for a part of a value, such as expect.any(), have the type any.
    '@typescript-eslint/no-unsafe-assignment': 'off',
    '@typescript-eslint/unbound-method': 'off',
  };
}
