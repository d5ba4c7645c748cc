import { AUDIT_RESULTS } from '@astro/contracts';
import { param, searchRules } from '../../shared/search-params.js';

export const auditSearch = searchRules({
  actor: param.text(200),
  service: param.text(200),
  action: param.text(200),
  entityType: param.text(200),
  entityId: param.text(200),
  result: param.word(AUDIT_RESULTS),
  from: param.instant(),
  to: param.instant(),
  correlationId: param.text(200),
  text: param.text(200),
  limit: param.limit(),
  cursor: param.cursor(),
  /** The entry whose details are open. */
  open: param.text(20),
});
