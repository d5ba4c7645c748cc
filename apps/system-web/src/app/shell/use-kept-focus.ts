import { useEffect } from 'react';

/** A dialog that has closed gives the focus back by itself, a moment after it is gone. */
const GIVES_BACK_MS = 50;

interface Focused {
  readonly element: Element;
  readonly neighbours: Element | null;
}

/**
 * When the control that has the focus goes away, as "Pause" does once the run is paused, browsers send the keyboard back
 * to the top of the page. It goes to the control's neighbours instead when they are still there, else to the content.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Focused | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const remember = ({ target }: FocusEvent): void => {
      if (target instanceof Element) last = { element: target, neighbours: target.parentElement };
    };
    const keep = (): void => {
      if (last && isLost(last)) nextTo(last).focus({ preventScroll: true });
    };
    const observer = new MutationObserver(() => {
      if (!last || !isLost(last)) return;
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
function isLost({ element }: Focused): boolean {
  if (element.isConnected || document.activeElement !== document.body) return false;
  return document.querySelector('[aria-modal="true"]') === null;
}

function nextTo({ neighbours }: Focused): HTMLElement {
  const button = neighbours?.isConnected ? neighbours.querySelector<HTMLElement>('button:not(:disabled)') : null;
  return button ?? document.getElementById('main') ?? document.body;
}
