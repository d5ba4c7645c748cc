module.exports = require('../../jest.preset.cjs')('runs', __dirname, { servers: true });
