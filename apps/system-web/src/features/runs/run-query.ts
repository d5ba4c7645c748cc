import { replaceEqualDeep, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { isMoving } from '@astro/web-ui';
import {
  getRunLogOptions,
  getRunOptions,
  getRunQueryKey,
  getRunSeriesOptions,
  listRunsQueryKey,
} from '../../generated/@tanstack/react-query.gen.js';
import { type Run } from '../../generated/index.js';
import { useLiveQuery } from '../../shared/live-query.js';

/** One run, asked every second while it moves. An answer that is older than the one shown is dropped. */
export function useRun(id: string) {
  return useLiveQuery(
    {
      ...getRunOptions({ path: { id } }),
      structuralSharing: (shown, fetched) => (isOlder(fetched, shown) ? shown : replaceEqualDeep(shown, fetched)),
    },
    ({ state }) => isMoving(state),
  );
}

/** How fast a run goes, asked like the run itself, and until an answer holds its end. */
export function useRunSeries({ id, state, finishedAt }: Pick<Run, 'id' | 'state' | 'finishedAt'>) {
  return useLiveQuery(
    getRunSeriesOptions({ path: { id } }),
    ({ to }) => isMoving(state) || (finishedAt !== null && Date.parse(to) < Date.parse(finishedAt)),
  );
}

/** What happened to a run, asked like the run itself, and until an answer holds its end. */
export function useRunLog({ id, state, finishedAt }: Pick<Run, 'id' | 'state' | 'finishedAt'>) {
  return useLiveQuery(
    getRunLogOptions({ path: { id } }),
    ({ items }) => isMoving(state) || (finishedAt !== null && !items.some(({ kind }) => kind === 'end')),
  );
}

/** Both are answers of one address, so both are runs. */
function isOlder(fetched: unknown, shown: unknown): boolean {
  return shown !== undefined && (fetched as Run).version < (shown as Run).version;
}

/** Shows what an act has answered at once, and asks the lists again. */
export function useShowRun(): (run: Run) => void {
  const queryClient = useQueryClient();
  return (run) => showRun(queryClient, run);
}

function showRun(queryClient: QueryClient, run: Run): void {
  queryClient.setQueryData(getRunQueryKey({ path: { id: run.id } }), run);
  void queryClient.invalidateQueries({ queryKey: listRunsQueryKey() });
}
