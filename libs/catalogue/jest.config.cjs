module.exports = require('../../jest.preset.cjs')('catalogue', __dirname);
