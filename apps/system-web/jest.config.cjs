const preset = require('../../jest.preset.cjs')('system-web', __dirname);

module.exports = {
  ...preset,
  testMatch: ['<rootDir>/src/**/*.spec.{ts,tsx}'],
  testEnvironment: 'jest-fixed-jsdom',
  setupFilesAfterEnv: ['<rootDir>/../../libs/web-ui/src/test/setup.ts'],
};
