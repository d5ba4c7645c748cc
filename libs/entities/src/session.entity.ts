import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One row of `access.sessions`: one sign-in of a user, and all refresh tokens that came out of it. */
@Entity({ name: 'sessions', schema: 'access', synchronize: false })
export class SessionEntity {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({ type: 'bigint', name: 'user_id' })
  userId!: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'last_used_at' })
  lastUsedAt!: Date;

  /** The session ends then, unless it is used before. */
  @Column({ type: 'timestamptz', name: 'idle_at' })
  idleAt!: Date;

  /** The session ends then, whatever happens. */
  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;

  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt!: Date | null;

  @Column({ type: 'text', name: 'end_reason', nullable: true })
  endReason!: string | null;

  @Column({ type: 'text', name: 'user_agent', nullable: true })
  userAgent!: string | null;

  @Column({ type: 'text', nullable: true })
  address!: string | null;
}
