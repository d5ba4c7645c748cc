import { param, searchRules } from '../../shared/search-params.js';

export const integrationsSearch = searchRules({
  limit: param.limit(),
  cursor: param.cursor(),
});
