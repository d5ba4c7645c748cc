import { param, searchRules } from '../../shared/search-params.js';

export const signInSearch = searchRules({
  /** Where the person wanted to go: an address of this app. */
  next: param.text(4_000),
});
