import { verdict } from '../verdict.mjs';

const jestCounts = (numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number) => ({
  numPassedTests,
  numFailedTests,
  numRuntimeErrorTestSuites,
});

it.each([
  ['all passed', jestCounts(12, 0, 0), 0, '12 passed, 0 failed', 0],
  ['some failed', jestCounts(10, 2, 0), 1, '10 passed, 2 failed', 1],
  ['a file could not be run', jestCounts(10, 0, 1), 1, '10 passed, 1 failed', 1],
  ['jest failed otherwise', jestCounts(12, 0, 0), 1, '12 passed, 0 failed', 1],
  ['jest gave no result', null, 1, '0 passed, 1 failed', 1],
] as const)('gives the last line when %s', (_name, result, status, line, exitCode) => {
  expect(verdict({ result, status })).toEqual({ line, exitCode });
});

const browser = (expected: number, unexpected: number, flaky: number, errors: readonly unknown[] = []) => ({
  stats: { expected, unexpected, flaky },
  errors,
});

it.each([
  ['all passed', browser(5, 0, 0), 0, '17 passed, 0 failed', 0],
  ['one passed only when repeated', browser(4, 0, 1), 0, '17 passed, 0 failed', 0],
  ['some failed', browser(3, 2, 0), 1, '15 passed, 2 failed', 1],
  ['the product did not start', browser(0, 0, 0, ['no port']), 1, '12 passed, 1 failed', 1],
  ['they were interrupted', browser(3, 0, 0), null, '15 passed, 0 failed', 1],
  ['there is no report', null, 1, '12 passed, 1 failed', 1],
] as const)('adds the tests in the browser when %s', (_name, result, status, line, exitCode) => {
  expect(verdict({ result: jestCounts(12, 0, 0), status: 0 }, { result, status })).toEqual({ line, exitCode });
});
