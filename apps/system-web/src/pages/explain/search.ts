import { param, searchRules } from '../../shared/search-params.js';

export const explainSearch = searchRules({
  dataSet: param.text(63),
  table: param.text(200),
  key: param.text(2000),
  field: param.text(200),
});
