import { downloadAddresses, missingEntries } from '../lock-file.mjs';

const BINARIES = { 'bin-darwin-arm64': '2.0.0', '@bin/linux-x64-musl': '2.0.0' };

it('finds nothing to add where every optional package is described', () => {
  const packages = {
    '': {},
    'node_modules/a': { optionalDependencies: { 'bin-darwin-arm64': '2.0.0' } },
    'node_modules/bin-darwin-arm64': { version: '2.0.0', optional: true },
  };
  expect(missingEntries({ packages })).toEqual({});
});

it('adds what is missing with the platform that its name tells', () => {
  const packages = { 'node_modules/a': { version: '1.0.0', dev: true, optionalDependencies: BINARIES } };
  expect(missingEntries({ packages })).toEqual({
    'node_modules/bin-darwin-arm64': { version: '2.0.0', cpu: ['arm64'], os: ['darwin'], dev: true, optional: true },
    'node_modules/@bin/linux-x64-musl': {
      version: '2.0.0',
      cpu: ['x64'],
      libc: ['musl'],
      os: ['linux'],
      dev: true,
      optional: true,
    },
  });
});

it.each([
  ['beside the package that asks', 'node_modules/@s/a/node_modules/b/node_modules/bin-darwin-arm64'],
  ['in a folder above', 'node_modules/@s/a/node_modules/bin-darwin-arm64'],
  ['at the top', 'node_modules/bin-darwin-arm64'],
])('looks for a package %s', (_name, path) => {
  const asks = { optionalDependencies: { 'bin-darwin-arm64': '2.0.0' } };
  const packages = { 'node_modules/@s/a/node_modules/b': asks, [path]: { version: '2.0.0' } };
  expect(missingEntries({ packages })).toEqual({});
});

it('does not take a package of another branch for it', () => {
  const packages = {
    'node_modules/a': { optionalDependencies: { 'bin-darwin-arm64': '2.0.0' } },
    'node_modules/c/node_modules/bin-darwin-arm64': { version: '1.0.0' },
  };
  expect(Object.keys(missingEntries({ packages }))).toEqual(['node_modules/bin-darwin-arm64']);
});

it('names the lines that hold a download address', () => {
  const text = '{\n  "resolved": "https://example.org/a.tgz",\n  "version": "1.0.0"\n}';
  expect(downloadAddresses(text)).toEqual(['  "resolved": "https://example.org/a.tgz",']);
});
