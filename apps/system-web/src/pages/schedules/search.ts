import { param, searchRules } from '../../shared/search-params.js';

export const schedulesSearch = searchRules({
  /** Only the schedule of this data set. */
  dataSet: param.text(63),
});
