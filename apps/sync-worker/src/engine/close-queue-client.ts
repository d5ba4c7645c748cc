import { withDeadline } from '@astro/runtime';

/** A queue or a worker of BullMQ. */
interface QueueClient {
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

const CLOSE_DEADLINE_MS = 3000;
const DISCONNECT_DEADLINE_MS = 1000;

/** Closes in order. When the queue's Redis is away that would wait without end: then the line is cut. Never rejects. */
export async function closeQueueClient(client: QueueClient): Promise<void> {
  const cut = () => withDeadline(client.disconnect(), DISCONNECT_DEADLINE_MS, 'cutting the line to the queue');
  await withDeadline(client.close(), CLOSE_DEADLINE_MS, 'closing the queue')
    .catch(cut)
    .catch(() => undefined); // the process ends, and the line with it
}
