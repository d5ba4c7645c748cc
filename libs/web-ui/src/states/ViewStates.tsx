import { type ReactNode } from 'react';
import { Stack } from '@mantine/core';
import { EmptyState, FilteredEmpty } from './EmptyState.js';
import { FailedState } from './FailedState.js';
import { type MissingPart, PartialBanner } from './PartialBanner.js';
import { type ProblemText } from './problem-text.js';
import { Bars, LoadingState } from './Skeletons.js';
import { StaleBanner } from './StaleBanner.js';

export interface ViewStatesProps<T> {
  /** The last good answer; kept while a later request fails. */
  readonly data: T | undefined;
  /** Why the last request failed; `null` when it did not. */
  readonly problem: ProblemText | null;
  /** When `data` was read; milliseconds since 1970. */
  readonly updatedAtMs: number;
  readonly onRetry: () => void;
  /** For screen readers while the first answer is awaited: "Loading the runs". */
  readonly loadingLabel: string;
  /** The true shape of the view; some bars unless given. */
  readonly skeleton?: ReactNode;
  readonly isEmpty?: (data: T) => boolean;
  /** For first use: what this is, one action. */
  readonly empty?: { readonly title: string; readonly text: string; readonly action?: ReactNode };
  /** The filters that are on; with some, an empty view names them instead of `empty`. */
  readonly filters?: { readonly labels: readonly string[]; readonly onClear: () => void };
  readonly missing?: (data: T) => readonly MissingPart[];
  readonly children: (data: T) => ReactNode;
}

/**
 * The eight states of a view or a block: first load, first-use empty, filtered empty, data, stale, partial,
 * forbidden, failed. Give each block of a page its own, so that one that fails leaves the others alone.
 */
export function ViewStates<T>(props: ViewStatesProps<T>) {
  const { data, problem, updatedAtMs, onRetry, loadingLabel, skeleton } = props;
  if (data === undefined) {
    if (problem) return <FailedState problem={problem} onRetry={onRetry} />;
    return <LoadingState label={loadingLabel}>{skeleton ?? <Bars count={4} height={48} />}</LoadingState>;
  }
  return (
    <Stack gap="sm">
      {problem && <StaleBanner updatedAtMs={updatedAtMs} onRetry={onRetry} />}
      <PartialBanner parts={props.missing?.(data) ?? []} />
      <Content {...props} data={data} />
    </Stack>
  );
}

function Content<T>({ data, isEmpty, empty, filters, children }: ViewStatesProps<T> & { readonly data: T }) {
  if (!isEmpty?.(data)) return children(data);
  if (filters && filters.labels.length > 0) return <FilteredEmpty filters={filters.labels} onClear={filters.onClear} />;
  return empty ? <EmptyState {...empty} /> : children(data);
}
