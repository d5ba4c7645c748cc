import { useEffect, useRef } from 'react';
import { spotlight } from '@mantine/spotlight';
import { useRouter } from '@tanstack/react-router';
import { usePreferences } from '../../features/session/preferences.js';
import { useMe } from '../../features/session/session-context.js';
import { toggleFreeze } from '../../shared/freeze.js';
import { pagesFor } from '../pages.js';
import { actOf, type ShortcutAct } from './shortcuts.js';

/** A second key counts as following the first for so long. */
const FOLLOWS_MS = 1_500;
/** Where a key is text, or belongs to what is open. */
const OWN_KEYS = 'input, textarea, select, [contenteditable], [role="dialog"], [role="menu"], [role="listbox"]';

/** Single keys for the whole page; none when the person has switched them off, none where something is typed. */
export function useShortcuts({ showHelp }: { readonly showHelp: () => void }): void {
  const router = useRouter();
  const { shortcuts } = usePreferences();
  const { role } = useMe();
  const before = useRef({ key: '', atMs: 0 });
  useEffect(() => {
    if (!shortcuts) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!isOurs(event)) return;
      const isFollowing = Date.now() - before.current.atMs < FOLLOWS_MS;
      const act = actOf(event.key, isFollowing ? before.current.key : '', pagesFor(role));
      before.current = act ? { key: '', atMs: 0 } : { key: event.key, atMs: Date.now() };
      if (!act) return;
      event.preventDefault();
      if (act.kind === 'go') router.history.push(act.path);
      else if (act.kind === 'help') showHelp();
      else doInPage(act.kind);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [shortcuts, role, router, showHelp]);
}

function isOurs(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const isOwn = event.target instanceof Element && event.target.closest(OWN_KEYS) !== null;
  return !isOwn && document.querySelector('[aria-modal="true"]') === null;
}

const PLACES = {
  search: '[data-search]',
  filters: '[data-filters] :is(input, select, button)',
  rows: 'main [data-row][tabindex="0"]',
} as const;

/** Pages mark their search with `data-search` and their filters with `data-filters`. */
function doInPage(kind: Exclude<ShortcutAct['kind'], 'go' | 'help'>): void {
  if (kind === 'freeze') return toggleFreeze();
  const found = document.querySelector<HTMLElement>(PLACES[kind]);
  if (found) found.focus();
  else if (kind === 'search') spotlight.open();
}
