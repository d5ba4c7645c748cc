module.exports = require('../../jest.preset.cjs')('system-api', __dirname, { servers: true });
