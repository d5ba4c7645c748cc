import { PrimaryColumn, ViewColumn, ViewEntity } from 'typeorm';

/** One row of `job_queue`: a change on its way to, or arrived in, one data set. Read-only. */
@ViewEntity({ name: 'job_queue', schema: 'public', synchronize: false })
export class JobQueueEntity {
  @PrimaryColumn({ type: 'bigint' })
  id!: string;

  @ViewColumn({ name: 'job_type' })
  jobType!: 'realtime' | 'batch' | 'copy' | 'repair';

  @ViewColumn({ name: 'entity_type' })
  entityType!: string;

  @ViewColumn({ name: 'entity_id' })
  entityId!: string;

  @ViewColumn()
  status!: 'pending' | 'completed' | 'failed' | 'conflict' | 'skipped';

  @ViewColumn({ name: 'created_at' })
  createdAt!: Date;

  @ViewColumn({ name: 'executed_at' })
  executedAt!: Date | null;

  @ViewColumn()
  data!: Record<string, unknown>;

  @ViewColumn({ name: 'data_set' })
  dataSet!: string;
}
