const preset = require('../../jest.preset.cjs')('system-api-e2e', __dirname);

/** The programs are built once, before the first spec starts them. */
module.exports = { ...preset, globalSetup: require.resolve('./src/support/build.cjs') };
