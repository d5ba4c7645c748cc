import { withDeadline } from '@astro/runtime';
import type { Queue } from 'bullmq';

const CLOSE_DEADLINE_MS = 2000;
const DISCONNECT_DEADLINE_MS = 500;

/** Closes in order. While the queue's Redis is away that would wait without end: then the line is cut. Never rejects. */
export async function closeQueue(queue: Queue): Promise<void> {
  if (await inTime(queue.close(), CLOSE_DEADLINE_MS)) return;
  await inTime(queue.disconnect(), DISCONNECT_DEADLINE_MS);
}

function inTime(work: Promise<void>, deadlineMs: number): Promise<boolean> {
  return withDeadline(work, deadlineMs, 'closing the queue').then(
    () => true,
    () => false,
  );
}
