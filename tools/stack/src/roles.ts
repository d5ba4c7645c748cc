import pg from 'pg';

/** A role that signs in with a password. */
export interface Role {
  readonly name: string;
  readonly password: string;
  /** Beyond LOGIN. */
  readonly attributes?: string;
}

export interface DatabasePlan {
  readonly name: string;
  readonly owner: Role;
  readonly roles: readonly Role[];
  /** SQL that the superuser runs in the database after the roles exist; must bear being run again. */
  readonly grants?: string;
}

const NONE = 'NOSUPERUSER NOCREATEDB NOCREATEROLE';

/**
 * Makes the database with its roles, or brings what exists to this state. Only the roles named may connect.
 * @param urlFor the superuser's address of a database of the server
 */
export async function createDatabase(urlFor: (database: string) => string, plan: DatabasePlan): Promise<void> {
  const { name, owner, roles, grants } = plan;
  await withClient(urlFor('postgres'), async (client) => {
    for (const role of [owner, ...roles]) await createRole(client, role);
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${name} OWNER ${owner.name}`);
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await client.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${name} TO ${roles.map((role) => role.name).join()}`);
  });
  if (grants !== undefined) await withClient(urlFor(name), (client) => client.query(grants));
}

async function createRole(client: pg.Client, { name, password, attributes = '' }: Role): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${name} LOGIN ${NONE} ${attributes} PASSWORD ${client.escapeLiteral(password)}`);
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'astro-stack' });
  await client.connect();
  try {
    await client.query('SET log_min_error_statement = panic'); // statements hold passwords
    return await use(client);
  } finally {
    await client.end();
  }
}
