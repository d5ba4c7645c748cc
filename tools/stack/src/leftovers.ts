import { existsSync, readFileSync } from 'node:fs';
import { commandOf, isAlive, signal, waitUntilGone } from '@astro/embedded';
import type { StackState } from './state.js';

const STOP_TIMEOUT_MS = 10_000;

/** Ends the programs of a stack that was killed and could not end them; its servers end when they are started again. */
export async function endLeftoverPrograms(stateFile: string): Promise<void> {
  if (!existsSync(stateFile)) return;
  const { children } = JSON.parse(readFileSync(stateFile, 'utf8')) as StackState;
  const left = children.filter(({ name, pid }) => isAlive(pid) && commandOf(pid).includes(name)).map(({ pid }) => pid);
  for (const pid of left) signal(pid, 'SIGTERM');
  if (await waitUntilGone(left, STOP_TIMEOUT_MS)) return;
  for (const pid of left) signal(pid, 'SIGKILL');
}
