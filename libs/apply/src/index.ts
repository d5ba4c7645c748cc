export { Lane, type LaneDeps, type LaneOutcome, type LaneStrategy } from './lane/lane.js';
export { FlatStrategy } from './lane/flat-strategy.js';
export { JoinedStrategy, type RootLookup } from './lane/joined-strategy.js';
export { SourceSession } from './source/source-session.js';
export type { ReadTable } from './source/table-queries.js';
export { RedisTarget, laneConnection, type RedisTable } from './targets/redis/redis-target.js';
export type { Target } from './targets/target.js';
export { PostgresTarget } from './targets/postgres/postgres-target.js';
export { ReadSlots } from './copy/read-slots.js';
