import { Text } from '@mantine/core';
import { formatAge, useNow } from '@astro/web-ui';
import { useConnection } from '../../shared/connection.js';
import { useFrozenAt } from '../../shared/freeze.js';
import { useIsMoving } from '../../shared/live-query.js';

const TITLES = {
  live: 'Renewed every second, because something runs',
  polling: 'Renewed every 10 seconds',
  offline: 'The server does not answer; it is asked again by itself',
  frozen: 'Updates are stopped',
} as const;

/** How fresh the page is: `live` every second, `polling` every 10 s, `offline`, `frozen`; and how old the last answer. */
export function LiveDot({ isShort }: { readonly isShort: boolean }) {
  const { lastAnswerAtMs, downSinceMs } = useConnection();
  const frozenAtMs = useFrozenAt();
  const isMoving = useIsMoving();
  const nowMs = useNow();
  const state = stateOf({ isDown: downSinceMs !== null, isFrozen: frozenAtMs !== null, isMoving });
  const age = lastAnswerAtMs === 0 ? '' : ` · ${formatAge(nowMs - lastAnswerAtMs)}`;
  return (
    <Text size="sm" className="live" title={TITLES[state]}>
      <span className={`live-dot live-dot-${state}`} aria-hidden />
      {state}
      {isShort ? '' : age}
    </Text>
  );
}

interface LiveFacts {
  readonly isDown: boolean;
  readonly isFrozen: boolean;
  readonly isMoving: boolean;
}

function stateOf({ isDown, isFrozen, isMoving }: LiveFacts): keyof typeof TITLES {
  if (isDown) return 'offline';
  if (isFrozen) return 'frozen';
  return isMoving ? 'live' : 'polling';
}
