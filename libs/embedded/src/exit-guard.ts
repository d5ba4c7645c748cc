/** Ends one child at once; runs while the process exits, so it must not wait for anything. */
export type Ending = () => void;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const endings = new Set<Ending>();
let installed = false;

/**
 * Sees to it that a child does not outlive this process: on a normal exit, an uncaught error and, unless the
 * program handles the signal itself, on SIGINT, SIGTERM and SIGHUP. Nothing helps against SIGKILL: whoever starts
 * a server must look for leftovers of the last one.
 * @returns a function that takes the child off the list, for when it has ended
 */
export function endWithThisProcess(ending: Ending): () => void {
  install();
  endings.add(ending);
  return () => endings.delete(ending);
}

function install(): void {
  if (installed) return;
  installed = true;
  process.on('exit', endAll);
  for (const name of SIGNALS) process.on(name, onSignal);
}

function onSignal(name: NodeJS.Signals): void {
  if (process.listenerCount(name) > 1) return; // the program has its own, better ordered way to stop
  endAll();
  process.off(name, onSignal);
  process.kill(process.pid, name); // now with its usual effect, so that the parent sees the true reason
}

function endAll(): void {
  for (const ending of endings) ending();
  endings.clear();
}
