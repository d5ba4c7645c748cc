module.exports = require('../../jest.preset.cjs')('entities', __dirname, { servers: true });
