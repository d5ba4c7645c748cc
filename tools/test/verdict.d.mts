interface Part<Result> {
  readonly result: Result | null;
  /** Exit code; null when a signal ended it. */
  readonly status: number | null;
}

interface JestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number };
  readonly errors: readonly unknown[];
}

export declare function verdict(
  jest: Part<JestResult>,
  browser?: Part<PlaywrightReport>,
): { readonly line: string; readonly exitCode: number };
