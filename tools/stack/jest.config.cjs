const preset = require('../../jest.preset.cjs')('stack', __dirname, { servers: true });

// The commands are plain scripts: `.mjs` must run as CommonJS under jest too, like everything else.
module.exports = { ...preset, moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'tsx', 'json', 'node'] };
