import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One row of `entry_log`, the audit trail: who did what to which data, when, with which result. Rows never change. */
@Entity({ name: 'entry_log', schema: 'public', synchronize: false })
export class EntryLogEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @Column({ type: 'text', name: 'entity_type' })
  entityType!: string;

  @Column({ type: 'text', name: 'entity_id', nullable: true })
  entityId!: string | null;

  @Column({ type: 'text' })
  action!: string;

  @Column({ type: 'timestamptz' })
  timestamp!: Date;

  @Column({ type: 'jsonb' })
  details!: Record<string, unknown>;

  @Column({ type: 'text', name: 'initiator_kind' })
  initiatorKind!: 'user' | 'api_key' | 'schedule' | 'system' | 'anonymous';

  @Column({ type: 'text', name: 'initiator_id', nullable: true })
  initiatorId!: string | null;

  @Column({ type: 'text', name: 'initiator_name' })
  initiatorName!: string;

  /** The program that did it. */
  @Column({ type: 'text' })
  service!: string;

  @Column({ type: 'text' })
  result!: 'succeeded' | 'refused' | 'failed';

  @Column({ type: 'text', nullable: true })
  address!: string | null;

  @Column({ type: 'text', name: 'request_id', nullable: true })
  requestId!: string | null;

  @Column({ type: 'text', name: 'correlation_id', nullable: true })
  correlationId!: string | null;
}
