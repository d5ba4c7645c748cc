import { type PageEntry } from '../pages.js';

/** What a key does. */
export type ShortcutAct =
  { readonly kind: 'go'; readonly path: string } | { readonly kind: 'help' | 'search' | 'filters' | 'freeze' | 'rows' };

/** For the help; the keys of pages follow from the table of pages. */
export const SHORTCUT_WORDS: readonly (readonly [keys: string, meaning: string])[] = [
  ['Ctrl K or ⌘ K', 'search and commands'],
  ['?', 'this help'],
  ['/', 'to the search of the page'],
  ['f', 'to the filters of the page'],
  ['n', 'start a sync'],
  ['p', 'stop or resume updates'],
  ['Esc', 'close'],
];

/** Of the row in a table that has the focus; `j` and `k` go there first. */
export const ROW_WORDS: readonly (readonly [keys: string, meaning: string])[] = [
  ['↓ ↑ or j k', 'next and previous row'],
  ['Enter', 'open'],
  ['x', 'select'],
  ['Shift X', 'select up to here'],
];

/**
 * What a key means after `before` (the key pressed shortly before, or an empty text).
 * @param pages those that the person may open
 */
export function actOf(key: string, before: string, pages: readonly PageEntry[]): ShortcutAct | null {
  if (before === 'g') return goTo(pages.find((page) => page.key === key));
  switch (key) {
    case '?':
      return { kind: 'help' };
    case '/':
      return { kind: 'search' };
    case 'f':
      return { kind: 'filters' };
    case 'p':
      return { kind: 'freeze' };
    // From a row on, the table itself moves the focus.
    case 'j':
    case 'k':
      return { kind: 'rows' };
    case 'n':
      return goTo(pages.find(({ path }) => path === '/sync/new'));
    default:
      return null;
  }
}

function goTo(page: PageEntry | undefined): ShortcutAct | null {
  return page ? { kind: 'go', path: page.path } : null;
}
