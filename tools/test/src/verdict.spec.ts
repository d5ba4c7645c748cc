import { verdict } from '../verdict.mjs';

const counts = (numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number) => ({
  numPassedTests,
  numFailedTests,
  numRuntimeErrorTestSuites,
});

it.each([
  ['all passed', counts(12, 0, 0), 0, '12 passed, 0 failed', 0],
  ['some failed', counts(10, 2, 0), 1, '10 passed, 2 failed', 1],
  ['a file could not be run', counts(10, 0, 1), 1, '10 passed, 1 failed', 1],
  ['jest failed otherwise', counts(12, 0, 0), 1, '12 passed, 0 failed', 1],
  ['jest gave no result', null, 1, '0 passed, 1 failed', 1],
] as const)('gives the last line when %s', (_name, result, status, line, exitCode) => {
  expect(verdict(result, status)).toEqual({ line, exitCode });
});
