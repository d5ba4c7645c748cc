module.exports = require('../../jest.preset.cjs')('pgoutput', __dirname);
