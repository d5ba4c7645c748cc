import { statusSchema, type Status } from '@astro/contracts';
import { queryOptions } from '@tanstack/react-query';
import { apiFetch } from '../../shared/api.js';

const CALM_MS = 5_000;
const TROUBLE_MS = 1_000;
const LONGEST_MS = 10_000;
/** While the server does not answer, the pause is this part of the time since it last did. */
const PART_OF_AGE = 0.2;

interface PollState {
  readonly data: Status | undefined;
  /** Age of `data`. */
  readonly ageMs: number;
  /** True when the last request failed. */
  readonly isFailing: boolean;
}

/** Often while something needs a person, calmly while all is well, ever more slowly while the server does not answer. */
export function pollIntervalMs({ data, ageMs, isFailing }: PollState): number {
  if (!data) return CALM_MS;
  if (isFailing) return Math.min(LONGEST_MS, Math.max(TROUBLE_MS, ageMs * PART_OF_AGE));
  return data.healthy ? CALM_MS : TROUBLE_MS;
}

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => apiFetch('/api/v1/status', { schema: statusSchema, signal }),
  refetchInterval: ({ state: { data, dataUpdatedAt, status } }) =>
    pollIntervalMs({ data, ageMs: Date.now() - dataUpdatedAt, isFailing: status === 'error' }),
});
