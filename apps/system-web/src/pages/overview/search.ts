import { param, searchRules } from '../../shared/search-params.js';

export const overviewSearch = searchRules({
  /** Start of the charts: ISO 8601, or a distance such as `now-6h`. */
  from: param.instant(),
  /** Their end; now unless given. */
  to: param.instant(),
});
