import { statusSchema, type Status } from '@astro/contracts';
import { queryOptions, type Query } from '@tanstack/react-query';
import { getJson } from '../../shared/api.js';

const CALM_MS = 5_000;
const TROUBLE_MS = 1_000;
const LONGEST_MS = 10_000;

/** Often while something needs a person, calmly while all is well, ever more slowly while the server does not answer. */
export function pollIntervalMs({ data, failures }: { data: Status | undefined; failures: number }): number {
  if (failures > 0) return Math.min(LONGEST_MS, TROUBLE_MS * 2 ** (failures - 1));
  return data?.healthy === false ? TROUBLE_MS : CALM_MS;
}

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => getJson('/api/v1/status', { schema: statusSchema, signal }),
  refetchInterval: ({ state }: Query<Status>) =>
    pollIntervalMs({
      data: state.data,
      failures: state.errorUpdateCount > 0 && state.error ? state.fetchFailureCount : 0,
    }),
});
