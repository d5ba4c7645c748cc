import { RUN_MODES } from '@astro/contracts';
import { param, searchRules } from '../../shared/search-params.js';

export const startSyncSearch = searchRules({
  /** Chosen data sets; none means none chosen yet. */
  dataSet: param.texts(),
  /** Everything, also data sets to come. */
  all: param.flag(),
  mode: param.word(RUN_MODES),
  /** The preview that is shown. */
  preview: param.text(20),
});
