import { Injectable } from '@nestjs/common';
import { type Pool, type PoolClient } from 'pg';
import { preferencesSchema, type Me, type Role } from '@astro/contracts';
import { Connections } from '../shared/connections.js';

const READ = `
SELECT id, email, name, role, preferences, must_change_password, created_at, password_changed_at
FROM public.users WHERE id = $1`;

interface ProfileRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly preferences: unknown;
  readonly must_change_password: boolean;
  readonly created_at: Date;
  readonly password_changed_at: Date;
}

/** What a person may know of themselves. */
@Injectable()
export class ProfileStore {
  constructor(private readonly connections: Connections) {}

  async get(userId: string, db: Pool | PoolClient = this.connections.systemDb): Promise<Me> {
    const [row] = (await db.query<ProfileRow>(READ, [userId])).rows;
    if (!row) throw new Error('a session belongs to no user');
    const preferences = preferencesSchema.safeParse(row.preferences);
    return {
      id: row.id,
      email: row.email,
      name: row.name,
      role: row.role,
      // Preferences that an earlier version stored may mean nothing now.
      preferences: preferences.success ? preferences.data : preferencesSchema.parse({}),
      mustChangePassword: row.must_change_password,
      createdAt: row.created_at.toISOString(),
      passwordChangedAt: row.password_changed_at.toISOString(),
    };
  }
}
