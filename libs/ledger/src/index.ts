export {
  findLanes,
  findSource,
  registerSource,
  type LaneDefinition,
  type RegisteredLane,
  type RegisteredSource,
  type StoredSource,
} from './registry.js';
export { RecentChanges } from './recent-changes.js';
export { PgLaneLedger } from './pg-lane-ledger.js';
export { PgLaneJournal, LaneJournalWriter } from './lane-journal.js';
export { LedgerWriter } from './ledger-writer.js';
export { LEDGER_CHANNEL } from './channel.js';
export { restartSource, type SourceStart } from './restart-source.js';
export { markGap } from './mark-gap.js';
export { recordPublication, stopLane, type PublicationLook, type TableMark } from './publication-record.js';
export {
  recordPartitions,
  type KnownPartition,
  type PartitionLook,
  type PartitionsOfTable,
} from './partition-record.js';
