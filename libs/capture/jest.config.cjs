module.exports = require('../../jest.preset.cjs')('capture', __dirname, { servers: true });
