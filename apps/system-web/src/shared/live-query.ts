import { useEffect, useSyncExternalStore } from 'react';
import {
  type DefaultError,
  type QueryKey,
  useQuery,
  useQueryClient,
  type UseQueryOptions,
  type UseQueryResult,
} from '@tanstack/react-query';
import { useFrozenAt } from './freeze.js';

const MOVING_MS = 1_000;
const CALM_MS = 10_000;

/** How many queries on the page ask every second. */
let movingCount = 0;
const listeners = new Set<() => void>();

function countMoving(by: 1 | -1): void {
  movingCount += by;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** True while something on the page is asked every second, because it runs. */
export function useIsMoving(): boolean {
  return useSyncExternalStore(subscribe, () => movingCount > 0);
}

/**
 * `useQuery` that keeps itself fresh: every second while `isMoving` says of the data that something in it runs,
 * every 10 s otherwise and while the server fails; not at all in a hidden tab or while the page is frozen.
 * A failed renewal keeps the last data.
 */
export function useLiveQuery<TFetched, TError = DefaultError, TData = TFetched, TKey extends QueryKey = QueryKey>(
  options: UseQueryOptions<TFetched, TError, TData, TKey>,
  isMoving: (data: TFetched) => boolean = () => false,
): UseQueryResult<TData, TError> {
  const isFrozen = useFrozenAt() !== null;
  const query = useQuery({
    ...options,
    refetchInterval: ({ state: { data, status } }) => {
      if (isFrozen) return false;
      return status === 'success' && data !== undefined && isMoving(data) ? MOVING_MS : CALM_MS;
    },
    refetchOnWindowFocus: !isFrozen,
  });
  const fetched = useQueryClient().getQueryData<TFetched>(options.queryKey);
  useReport(!query.isError && fetched !== undefined && isMoving(fetched));
  return query;
}

function useReport(isMoving: boolean): void {
  useEffect(() => {
    if (!isMoving) return;
    countMoving(1);
    return () => countMoving(-1);
  }, [isMoving]);
}
