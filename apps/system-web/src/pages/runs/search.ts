import { RUN_ERROR_KINDS, RUN_MODES, RUN_STATES } from '@astro/contracts';
import { param, searchRules } from '../../shared/search-params.js';

export const runsSearch = searchRules({
  state: param.words(RUN_STATES),
  mode: param.word(RUN_MODES),
  dataSet: param.text(200),
  initiator: param.text(200),
  from: param.instant(),
  to: param.instant(),
  endedFrom: param.instant(),
  endedTo: param.instant(),
  limit: param.limit(),
  cursor: param.cursor(),
});

export const RUN_TABS = ['progress', 'errors', 'log', 'plan'] as const;

export const runSearch = searchRules({
  tab: param.tab(RUN_TABS),
  kind: param.word(RUN_ERROR_KINDS),
  dataSet: param.text(200),
  code: param.text(100),
  cursor: param.cursor(),
});
