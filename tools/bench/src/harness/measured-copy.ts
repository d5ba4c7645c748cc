import type { Site, LanePosition } from './site.js';

/** Looking more often would take processor time from what is measured. */
const LOOK_EVERY_MS = 20;

/**
 * Starts the worker on an empty target and waits for the first copy.
 * @param look the lane's position at its target
 * @returns milliseconds from the lane's own note that the copy begins to the look, every 20 ms, that finds the target
 *   complete; the start of the process is left out
 */
export async function firstCopyMs(site: Site, look: () => Promise<LanePosition | undefined>): Promise<number> {
  const worker = site.startWorker();
  const startedAtMs = await worker.event('lane.copy_started');
  await site.wait('the copy did not end', async () => (await look())?.copying === false, {
    everyMs: LOOK_EVERY_MS,
  });
  const endedAtMs = Date.now();
  await site.stopWorker();
  return endedAtMs - startedAtMs;
}
