const preset = require('../../jest.preset.cjs')('demo', __dirname, { servers: true });

module.exports = { ...preset, testMatch: ['<rootDir>/**/*.spec.ts'] };
