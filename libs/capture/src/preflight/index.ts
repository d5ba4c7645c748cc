export { connectionProblem, connectOrExplain, type ConnectionName } from './connection-problem.js';
export { preflight, type PreflightOptions, type PreflightResult } from './preflight.js';
export type { PreflightTable } from './resolve-tables.js';
export { readSourceHistory } from './source-history.js';
export type { ColumnInfo, RelationInfo, SourceSchema } from './source-schema.js';
export { buildInitCatalogue, type InitCatalogue } from './init-catalogue.js';
export { preflightSystem, type SystemPreflightOptions, type SystemPreflightResult } from './preflight-system.js';
