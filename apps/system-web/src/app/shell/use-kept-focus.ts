import { useEffect } from 'react';

/** A dialog that has closed gives the focus back by itself, a moment after it is gone. */
const GIVES_BACK_MS = 50;

/**
 * When the control that has the focus goes away, as "Pause" does once the run is paused, browsers send the keyboard back
 * to the top of the page; here it goes to the content. Not to what comes in the control's place: a second Enter would be
 * another act.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Element | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const remember = ({ target }: FocusEvent): void => {
      if (target instanceof Element) last = target;
    };
    const keep = (): void => {
      if (isLost(last)) document.getElementById('main')?.focus({ preventScroll: true });
    };
    const observer = new MutationObserver(() => {
      if (!isLost(last)) return;
      clearTimeout(timer);
      timer = setTimeout(keep, GIVES_BACK_MS);
    });
    document.addEventListener('focusin', remember);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', remember);
      observer.disconnect();
      clearTimeout(timer);
    };
  }, []);
}

/** A dialog that is open keeps the focus itself. */
function isLost(last: Element | null): boolean {
  if (last === null || last.isConnected || document.activeElement !== document.body) return false;
  return document.querySelector('[aria-modal="true"]') === null;
}
