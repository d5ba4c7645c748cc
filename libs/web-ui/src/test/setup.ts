// Before the testing library, whose own hook takes away what was rendered.
import './accessible.js';
import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// How long to wait for what must come; a busy machine takes its time, and what is there is seen at once.
configure({ asyncUtilTimeout: 15_000 });

/** What browsers have and jsdom has not. */
class NoResizeObserver implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
window.ResizeObserver = NoResizeObserver;

window.matchMedia = (query) => ({
  matches: false,
  media: query,
  onchange: null,
  addListener: () => undefined,
  removeListener: () => undefined,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  dispatchEvent: () => false,
});
window.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;

/** Requests need Node's AbortSignal, which jsdom's elements do not take as the end of a listener. */
const target = EventTarget.prototype;
const plain: PropertyDescriptor | undefined = Object.getOwnPropertyDescriptor(target, 'addEventListener');
target.addEventListener = function (type, listener, options) {
  const add = plain?.value as (...all: Parameters<EventTarget['addEventListener']>) => void;
  if (typeof options !== 'object' || !options.signal) return add.call(this, type, listener, options);
  const { signal, ...others } = options;
  signal.addEventListener('abort', () => this.removeEventListener(type, listener, others));
  add.call(this, type, listener, others);
};
