const preset = require('../../jest.preset.cjs')('web-ui', __dirname);

module.exports = {
  ...preset,
  testMatch: ['<rootDir>/src/**/*.spec.{ts,tsx}'],
  testEnvironment: 'jest-fixed-jsdom',
  setupFilesAfterEnv: ['<rootDir>/src/test/setup.ts'],
};
