import { withDeadline } from '@astro/runtime';
import type { Queue, Worker } from 'bullmq';

const CLOSE_DEADLINE_MS = 2000;
const DISCONNECT_DEADLINE_MS = 500;
/** Lanes have been told to end; what they have in flight takes no longer. */
const WORKER_CLOSE_DEADLINE_MS = 5000;

/** Closes in order. While the queue's Redis is away that would wait without end: then the line is cut. Never rejects. */
export async function closeQueue(queue: Queue): Promise<void> {
  if (await inTime(queue.close(), CLOSE_DEADLINE_MS)) return;
  await inTime(queue.disconnect(), DISCONNECT_DEADLINE_MS);
}

/** A worker's own close waits without limit for its jobs and for its blocking connection: a shutdown must not. */
export async function closeWorker(worker: Worker, isQueueAway: boolean): Promise<void> {
  if (await inTime(worker.close(isQueueAway), WORKER_CLOSE_DEADLINE_MS)) return;
  await inTime(worker.disconnect(), DISCONNECT_DEADLINE_MS);
}

function inTime(work: Promise<void>, deadlineMs: number): Promise<boolean> {
  return withDeadline(work, deadlineMs, 'closing the queue').then(
    () => true,
    () => false,
  );
}
