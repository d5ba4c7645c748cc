import { param, searchRules } from '../../shared/search-params.js';

export const peopleSearch = searchRules({
  text: param.text(100),
  limit: param.limit(),
  cursor: param.cursor(),
});
