/**
 * The last line of `npm test` and its exit code, from the results of its parts.
 * A file that could not be run counts as one failed test; a part without a result failed as a whole.
 * @param jest its JSON result and exit code
 * @param browser the JSON report and exit code of Playwright; undefined when it was not asked for
 */
export function verdict(jest, browser) {
  const parts = [ofJest(jest), ...(browser ? [ofPlaywright(browser)] : [])];
  const sum = (name) => parts.reduce((total, part) => total + part[name], 0);
  const failed = sum('failed');
  const isBad = failed > 0 || parts.some(({ status }) => status !== 0);
  return { line: `${sum('passed')} passed, ${failed} failed`, exitCode: isBad ? 1 : 0 };
}

const NO_RESULT = { passed: 0, failed: 1, status: 1 };

function ofJest({ result, status }) {
  if (!result) return NO_RESULT;
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = result;
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, status };
}

/** `errors` are those outside of any test, such as a product that did not start. */
function ofPlaywright({ result, status }) {
  if (!result) return NO_RESULT;
  const { stats, errors } = result;
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected + errors.length, status };
}
