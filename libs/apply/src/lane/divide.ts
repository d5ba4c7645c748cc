import { PoisonError } from '@astro/sync-core';
import type { KeyState } from '../targets/target.js';

export interface RefusedState {
  readonly state: KeyState;
  readonly error: PoisonError;
}

type WritePiece = (piece: readonly KeyState[]) => Promise<void>;

/**
 * Writes in halves what failed as a whole with `error`, until the states at fault are alone.
 * @returns those that cannot be written
 */
export async function divide(
  states: readonly KeyState[],
  error: PoisonError,
  write: WritePiece,
): Promise<readonly RefusedState[]> {
  const [only] = states;
  if (states.length === 1 && only) return [{ state: only, error }];
  const middle = Math.ceil(states.length / 2);
  const refused: RefusedState[] = [];
  for (const half of [states.slice(0, middle), states.slice(middle)]) {
    if (half.length > 0) refused.push(...(await writePiece(half, write)));
  }
  return refused;
}

/** Like {@link divide}, and tries again as long as that helps: a row may need one that was written after it. */
export async function divideInAnyOrder(
  states: readonly KeyState[],
  error: PoisonError,
  write: WritePiece,
): Promise<readonly RefusedState[]> {
  let refused = await divide(states, error, write);
  for (let before = Infinity; refused.length > 0 && refused.length < before;) {
    before = refused.length;
    refused = await writePiece(
      refused.map(({ state }) => state),
      write,
    );
  }
  return refused;
}

async function writePiece(piece: readonly KeyState[], write: WritePiece): Promise<readonly RefusedState[]> {
  try {
    await write(piece);
    return [];
  } catch (error) {
    if (!(error instanceof PoisonError)) throw error;
    return divide(piece, error, write);
  }
}
