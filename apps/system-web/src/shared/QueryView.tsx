import { type UseQueryResult } from '@tanstack/react-query';
import { ViewStates, type ViewStatesProps } from '@astro/web-ui';
import { problemOrNull } from './api-error.js';

interface QueryViewProps<T> extends Omit<ViewStatesProps<T>, 'data' | 'problem' | 'updatedAtMs' | 'onRetry'> {
  readonly query: UseQueryResult<T, unknown>;
}

/** A query with its eight states; see `ViewStates`. */
export function QueryView<T>({ query, ...view }: QueryViewProps<T>) {
  return (
    <ViewStates
      {...view}
      data={query.data}
      problem={problemOrNull(query.error)}
      updatedAtMs={query.dataUpdatedAt}
      onRetry={() => void query.refetch()}
    />
  );
}
