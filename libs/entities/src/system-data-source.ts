import { DataSource, type DataSourceOptions } from 'typeorm';
import type { ClientConfig } from 'pg';
import { ApiKeyEntity } from './api-key.entity.js';
import { EntryLogEntity } from './entry-log.entity.js';
import { JobQueueEntity } from './job-queue.entity.js';
import { CreateLedger1790000000000 } from './migrations/1790000000000-create-ledger.js';
import { PublicationMarks1790000100000 } from './migrations/1790000100000-publication-marks.js';
import { Access1790000200000 } from './migrations/1790000200000-access.js';
import { Runs1790000300000 } from './migrations/1790000300000-runs.js';
import { ReadSide1790000400000 } from './migrations/1790000400000-read-side.js';
import { DoneOnce1790000500000 } from './migrations/1790000500000-done-once.js';
import { LaneMoves1790000600000 } from './migrations/1790000600000-lane-moves.js';
import { PartitionMarks1790000710000 } from './migrations/1790000710000-partition-marks.js';
import { RunSamples1790000720000 } from './migrations/1790000720000-run-samples.js';
import { SamplePhases1790000730000 } from './migrations/1790000730000-sample-phases.js';
import { AuditSearch1790000740000 } from './migrations/1790000740000-audit-search.js';
import { SessionEntity } from './session.entity.js';
import { UserEntity } from './user.entity.js';

/**
 * TypeORM's options for SystemDB. The schema comes from the SQL migrations alone, never from `synchronize`.
 * @param connection what `postgresConfig` of `@astro/runtime` returned: verified TLS and pinned settings included
 */
export function systemDataSourceOptions(connection: ClientConfig): DataSourceOptions {
  return {
    type: 'postgres',
    extra: connection,
    entities: [JobQueueEntity, UserEntity, SessionEntity, ApiKeyEntity, EntryLogEntity],
    migrations: [
      CreateLedger1790000000000,
      PublicationMarks1790000100000,
      Access1790000200000,
      Runs1790000300000,
      ReadSide1790000400000,
      DoneOnce1790000500000,
      LaneMoves1790000600000,
      PartitionMarks1790000710000,
      RunSamples1790000720000,
      SamplePhases1790000730000,
      AuditSearch1790000740000,
    ],
    migrationsTableName: 'schema_migrations',
    schema: 'public',
    synchronize: false,
    logging: false,
  };
}

export function systemDataSource(connection: ClientConfig): DataSource {
  return new DataSource(systemDataSourceOptions(connection));
}
