module.exports = require('../../jest.preset.cjs')('ledger', __dirname, { servers: true });
