import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { type Pool, type PoolClient } from 'pg';
import { ROLES, type Role } from '@astro/contracts';
import { abortableSleep, type ApiEnv, type Logger } from '@astro/runtime';
import { PasswordHasher } from '../auth/password-hasher.js';
import { Connections } from '../shared/connections.js';
import { API_ENV, LOG } from '../shared/shared.module.js';
import { inTransaction } from '../shared/transaction.js';
import { randomPassword } from './passwords.js';

export interface FirstSignIn {
  readonly email: string;
  readonly password: string;
  readonly role: Role;
}

/** The sign-ins of the demo, one per role; everybody knows them, so they are made nowhere else. */
export const DEMO_SIGN_INS: readonly FirstSignIn[] = ROLES.map((role) => ({
  email: `${role}@astrobookings.example`,
  password: `astro-demo-${role}`,
  role,
}));

const ADMIN_EMAIL = 'admin@astrobookings.local';
const RETRY_MS = 1_000;
/** Of two servers that start together, one makes the first users. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('access.first_users'))`;
const INSERT = `
INSERT INTO public.users (email, name, role, password_hash, must_change_password) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (lower(email)) DO NOTHING RETURNING id`;
const WRITE_DOWN = `
INSERT INTO public.entry_log (action, entity_type, entity_id, result, details, initiator_kind, initiator_name, service)
VALUES ('user.create', 'user', $1, 'succeeded', $2, 'system', 'first start', 'system-api')`;

interface Making {
  readonly hasher: PasswordHasher;
  readonly demo: boolean;
}

/**
 * Makes the users without whom nobody could sign in: in the demo one per role, else, while there is no user at all,
 * an administrator with a random password.
 * @returns the administrator, to be told this one time; null when nobody had to be made, or in the demo
 */
export async function createFirstUsers(db: Pool, { hasher, demo }: Making): Promise<FirstSignIn | null> {
  return inTransaction(db, async (client) => {
    await client.query(LOCK);
    if (demo) {
      for (const signIn of DEMO_SIGN_INS) await create(client, signIn, { hasher, demo });
      return null;
    }
    const { rowCount } = await client.query('SELECT 1 FROM public.users LIMIT 1');
    if (rowCount !== 0) return null;
    const admin = { email: ADMIN_EMAIL, password: randomPassword(), role: 'admin' } as const;
    await create(client, admin, { hasher, demo });
    return admin;
  });
}

async function create(client: PoolClient, { email, password, role }: FirstSignIn, { hasher, demo }: Making) {
  const { rowCount } = await client.query('SELECT 1 FROM public.users WHERE lower(email) = $1', [email]);
  if (rowCount !== 0) return;
  const name = demo ? `Demo ${role}` : 'Administrator';
  const { rows } = await client.query<{ id: string }>(INSERT, [email, name, role, await hasher.hash(password), !demo]);
  if (rows[0]) await client.query(WRITE_DOWN, [rows[0].id, JSON.stringify({ email, name, role })]);
}

/** What is said about the first administrator, to people. */
export function firstAdminText({ email, password }: FirstSignIn): string {
  return `The first administrator was made. This is said only once:\n\n  ${email}\n  ${password}\n`;
}

/** Makes the first users as soon as SystemDB can be reached and has its tables. */
@Injectable()
export class FirstUsers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private making: Promise<void> = Promise.resolve();

  constructor(
    private readonly connections: Connections,
    private readonly hasher: PasswordHasher,
    @Inject(API_ENV) private readonly env: ApiEnv,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.making = this.make();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.making;
  }

  private async make(): Promise<void> {
    const { signal } = this.stopping;
    for (let isTold = false; !signal.aborted; isTold = true) {
      try {
        const { hasher } = this;
        const admin = await createFirstUsers(this.connections.systemDb, { hasher, demo: this.env.demoSignIns });
        // Past the log, which keeps no passwords.
        if (admin) process.stdout.write(`\n${firstAdminText(admin)}\n`);
        return;
      } catch (error) {
        if (!isTold) this.log.info({ event: 'users.waiting', error }, 'the first users wait for SystemDB');
        await abortableSleep(RETRY_MS, signal);
      }
    }
  }
}
