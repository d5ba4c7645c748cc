import { dataSetStatusSchema } from '@astro/contracts';
import { param, searchRules } from '../../shared/search-params.js';

export const dataSetsSearch = searchRules({
  text: param.text(100),
  status: param.words(dataSetStatusSchema.options),
  mode: param.word(['live', 'scheduled']),
  /** A column, with `-` before it for downwards. */
  sort: param.text(50),
});

export const DATA_SET_TABS = ['overview', 'runs', 'changes', 'settings'] as const;

export const dataSetSearch = searchRules({
  tab: param.tab(DATA_SET_TABS),
  from: param.instant(),
  to: param.instant(),
  cursor: param.cursor(),
});
