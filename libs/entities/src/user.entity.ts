import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One row of `users`: a person who may sign in. */
@Entity({ name: 'users', schema: 'public', synchronize: false })
export class UserEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @Column({ type: 'text' })
  email!: string;

  /** argon2id; not read unless asked for. */
  @Column({ type: 'text', name: 'password_hash', select: false })
  passwordHash!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  role!: 'viewer' | 'operator' | 'auditor' | 'admin';

  @Column({ type: 'jsonb' })
  preferences!: Record<string, unknown>;

  @Column({ type: 'boolean', name: 'must_change_password' })
  mustChangePassword!: boolean;

  @Column({ type: 'timestamptz', name: 'disabled_at', nullable: true })
  disabledAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'password_changed_at' })
  passwordChangedAt!: Date;
}
