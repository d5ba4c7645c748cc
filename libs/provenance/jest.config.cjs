module.exports = require('../../jest.preset.cjs')('provenance', __dirname, { servers: true });
