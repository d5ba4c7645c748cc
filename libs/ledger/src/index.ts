export { registerSource, type LaneDefinition, type RegisteredLane, type RegisteredSource } from './registry.js';
export { PgLaneLedger } from './pg-lane-ledger.js';
export { PgLaneJournal, LaneJournalWriter } from './lane-journal.js';
export { LedgerWriter } from './ledger-writer.js';
export { LEDGER_CHANNEL } from './channel.js';
export { restartSource, type SourceStart } from './restart-source.js';
