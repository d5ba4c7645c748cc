module.exports = require('../../jest.preset.cjs')('sync-core', __dirname);
