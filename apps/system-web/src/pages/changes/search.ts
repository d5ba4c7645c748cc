import { changeStatusSchema } from '@astro/contracts';
import { param, searchRules } from '../../shared/search-params.js';

export const changesSearch = searchRules({
  dataSet: param.text(63),
  table: param.text(200),
  key: param.text(2000),
  status: param.word(changeStatusSchema.options),
  op: param.word(['insert', 'update', 'delete', 'truncate', 'relation']),
  service: param.text(),
  user: param.text(),
  withoutUser: param.flag(),
  action: param.text(),
  correlationId: param.text(),
  unattributed: param.flag(),
  from: param.instant(),
  to: param.instant(),
  limit: param.limit(),
  cursor: param.cursor(),
  /** The change whose details are open. */
  open: param.text(20),
});
