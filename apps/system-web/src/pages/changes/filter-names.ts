import { type changesSearch } from './search.js';

/** The search params of the page. */
export type ChangeSearch = ReturnType<(typeof changesSearch)['validateSearch']>;

/** What the filters are called, by param. */
export const CHANGE_FILTER_NAMES = {
  dataSet: 'Data set',
  table: 'Table',
  key: 'Key',
  status: 'Status',
  op: 'Did',
  service: 'Service',
  user: 'User',
  withoutUser: 'Without a user',
  action: 'Action',
  correlationId: 'Correlation id',
  unattributed: 'Only unattributed',
  from: 'From',
  to: 'To',
} as const satisfies Partial<Record<keyof ChangeSearch, string>>;
