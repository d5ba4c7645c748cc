const preset = require('../../jest.preset.cjs')('ci', __dirname);

// The lock file check is a plain script: `.mjs` must run as CommonJS under jest too, like everything else.
module.exports = { ...preset, moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'tsx', 'json', 'node'] };
