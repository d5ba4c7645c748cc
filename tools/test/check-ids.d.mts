interface Check {
  readonly id: string;
  readonly text: string;
  /** It is to be proved in the browser against the whole system. */
  readonly isInBrowser: boolean;
}

interface TestedFile {
  readonly file: string;
  readonly ids: readonly string[];
}

interface Coverage {
  readonly covered: readonly Check[];
  /** Tests prove it, but none of them in the browser. */
  readonly inPart: readonly Check[];
  readonly open: readonly Check[];
  readonly unknown: readonly { readonly id: string; readonly file: string }[];
}

export declare function declaredChecks(markdown: string): readonly Check[];
export declare function idsInTitles(source: string): readonly string[];
export declare function coverage(
  checks: readonly Check[],
  tested: readonly TestedFile[],
  isBrowserTest: (file: string) => boolean,
): Coverage;
