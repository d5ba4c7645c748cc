module.exports = require('../../jest.preset.cjs')('sync-worker', __dirname, { servers: true });
