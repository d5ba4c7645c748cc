/** Ids of what the web app promises, such as `PR-4`: where they are declared, and which tests prove them. */

const DECLARED = /^- ([A-Z]{2,3}-\d+) ((?:`[a-z]` ?)+): (.+)$/gm;
/** The first argument of a call that begins with ids: `it('PR-4 RD-2 …', …)`. */
const TITLE = /\(\s*['"`]((?:[A-Z]{2,3}-\d+,? )+)/g;

/** @returns the checks of a list in Markdown, in its order */
export function declaredChecks(markdown) {
  return [...markdown.matchAll(DECLARED)].map(([, id, layers, text]) => ({
    id,
    text,
    isInBrowser: layers.includes('`e`'),
  }));
}

/** @returns the ids that the titles of the tests in a source text begin with */
export function idsInTitles(source) {
  return [...source.matchAll(TITLE)].flatMap(([, ids]) => ids.split(/,? /).filter(Boolean));
}

/**
 * @param checks what is declared
 * @param tested by file: the ids in the titles of its tests
 * @param isBrowserTest tells of a file whether its tests run in the browser
 */
export function coverage(checks, tested, isBrowserTest) {
  const known = new Set(checks.map(({ id }) => id));
  const all = new Set(tested.flatMap(({ ids }) => ids));
  const inBrowser = new Set(tested.filter(({ file }) => isBrowserTest(file)).flatMap(({ ids }) => ids));
  const isInPart = ({ id, isInBrowser }) => all.has(id) && isInBrowser && !inBrowser.has(id);
  return {
    covered: checks.filter((check) => all.has(check.id) && !isInPart(check)),
    inPart: checks.filter(isInPart),
    open: checks.filter(({ id }) => !all.has(id)),
    unknown: tested.flatMap(({ file, ids }) => ids.filter((id) => !known.has(id)).map((id) => ({ id, file }))),
  };
}
