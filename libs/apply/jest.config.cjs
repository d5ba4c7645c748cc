module.exports = require('../../jest.preset.cjs')('apply', __dirname, { servers: true });
