/**
 * The last line of `npm test` and its exit code, from jest's JSON result.
 * A file that could not be run counts as one failed test; a run without a result failed as a whole.
 */
export function verdict(result, jestStatus) {
  if (!result) return { line: '0 passed, 1 failed', exitCode: 1 };
  const { numPassedTests: passed, numFailedTests, numRuntimeErrorTestSuites } = result;
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return { line: `${passed} passed, ${failed} failed`, exitCode: failed > 0 || jestStatus !== 0 ? 1 : 0 };
}
