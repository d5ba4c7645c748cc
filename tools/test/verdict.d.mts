export declare function verdict(
  result: { numPassedTests: number; numFailedTests: number; numRuntimeErrorTestSuites: number } | null,
  jestStatus: number | null,
): { line: string; exitCode: number };
