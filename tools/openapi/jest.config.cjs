module.exports = require('../../jest.preset.cjs')('openapi', __dirname);
