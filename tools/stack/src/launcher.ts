import { commandOf, isAlive, parentOf } from '@astro/embedded';

const MAX_STEPS = 3;
const LOOK_EVERY_MS = 500;

/**
 * Resolves when npm, which started this process, is gone: it does not always pass a signal on through its shell.
 * Never resolves when npm did not start it.
 */
export function npmIsGone(): Promise<void> {
  const chain = npmChain();
  return new Promise((resolve) => {
    if (chain.length === 0) return;
    const timer = setInterval(() => {
      if (chain.every(isAlive)) return;
      clearInterval(timer);
      resolve();
    }, LOOK_EVERY_MS);
    timer.unref();
  });
}

/** The processes between this one and npm, npm included; empty when there is no npm above. */
function npmChain(): readonly number[] {
  const chain: number[] = [];
  for (let pid = parentOf(process.pid); pid !== undefined && chain.length < MAX_STEPS; pid = parentOf(pid)) {
    chain.push(pid);
    if (/\bnpm\b/.test(commandOf(pid).split(' ')[0] ?? '') || /npm-cli/.test(commandOf(pid))) return chain;
  }
  return [];
}
