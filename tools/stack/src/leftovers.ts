import { commandOf, isAlive, signal, waitUntilGone } from '@astro/embedded';
import { readState } from '../running.mjs';

const STOP_TIMEOUT_MS = 10_000;

/** Ends the programs of a stack that was killed and could not end them; its servers end when they are started again. */
export async function endLeftoverPrograms(stateFile: string): Promise<void> {
  const children = readState(stateFile)?.children ?? [];
  const left = children.filter(({ name, pid }) => isAlive(pid) && commandOf(pid).includes(name)).map(({ pid }) => pid);
  for (const pid of left) signal(pid, 'SIGTERM');
  if (await waitUntilGone(left, STOP_TIMEOUT_MS)) return;
  for (const pid of left) signal(pid, 'SIGKILL');
}
