import { useEffect, useRef } from 'react';
import { Alert, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { formatAge, useNow } from '@astro/web-ui';
import { getLiveness } from '../../generated/index.js';
import { publicFetch } from '../../shared/api.js';
import { useConnection } from '../../shared/connection.js';
import { IconCloudOff } from '../../shared/icons.js';

const PROBE_MS = 2_000;

/** The server does not answer: what is shown is kept, writing is off, and it goes on by itself when it is back. */
export function DownBanner() {
  const { downSinceMs } = useConnection();
  const isDown = downSinceMs !== null;
  useProbe(isDown);
  const nowMs = useNow();
  if (!isDown) return null;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconCloudOff aria-hidden />}
      title="The server cannot be reached"
      role="alert"
    >
      <Text size="sm">
        For {formatAge(nowMs - downSinceMs)}. You see what it said last. Nothing can be started or changed until it is
        back; it is asked again by itself.
      </Text>
    </Alert>
  );
}

/** Asks until the server answers, then everything on the page is read again. */
function useProbe(isDown: boolean): void {
  const queryClient = useQueryClient();
  useQuery({
    queryKey: ['probe'],
    queryFn: ({ signal }) => getLiveness({ fetch: publicFetch, signal, throwOnError: true }),
    enabled: isDown,
    refetchInterval: PROBE_MS,
    gcTime: 0,
  });
  const wasDown = useRef(isDown);
  useEffect(() => {
    if (wasDown.current && !isDown) void queryClient.invalidateQueries();
    wasDown.current = isDown;
  }, [isDown, queryClient]);
}
