import { type auditSearch } from './search.js';

/** The search params of the page. */
export type AuditSearch = ReturnType<(typeof auditSearch)['validateSearch']>;

/** What the filters are called, by param. */
export const AUDIT_FILTER_NAMES = {
  text: 'Words',
  actor: 'Who',
  action: 'Action',
  service: 'Service',
  entityType: 'Kind of thing',
  entityId: 'Id of the thing',
  result: 'Result',
  correlationId: 'Correlation id',
  from: 'From',
  to: 'To',
} as const satisfies Partial<Record<keyof AuditSearch, string>>;

/** The filters that are typed. */
export const AUDIT_TEXTS = [
  'text',
  'actor',
  'action',
  'service',
  'entityType',
  'entityId',
  'correlationId',
] as const satisfies readonly (keyof typeof AUDIT_FILTER_NAMES)[];
