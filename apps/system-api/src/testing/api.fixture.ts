import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { apiGrants, systemDataSource } from '@astro/entities';
import { type CreatedApiKey, type Role, type Scope, type SignedIn } from '@astro/contracts';
import { createLogger, loadApiEnv, postgresConfig, type ApiEnv } from '@astro/runtime';
import { createDatabase, query, testServers, waitFor, type TestDatabase } from '@astro/testing';
import { startApi, type RunningApi } from '../server.js';
import { DEMO_SIGN_INS } from '../users/first-users.js';

export const MONITORING_TOKEN = 'monitoring-token-of-the-tests-0123456789';

/** The API on a SystemDB of its own, which it uses with the rights it has in production, and no others. */
export interface TestApi {
  readonly api: RunningApi;
  readonly env: ApiEnv;
  /** With the rights of the owner. */
  readonly database: TestDatabase;
  /** What the API has logged, line by line. */
  readonly lines: readonly string[];
  /** A SQL statement as the owner. */
  sql<Row extends Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** @param given variables beyond those of the databases */
export async function startTestApi(given: NodeJS.ProcessEnv = {}): Promise<TestApi> {
  const servers = testServers();
  const database = await createDatabase(servers.system, 'api');
  const role = `api_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await migrate(database.url, servers.caFile);
  const sql: TestApi['sql'] = (text, values) => query(database.url, text, values);
  await sql(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  for (const grant of apiGrants(role)) await sql(grant);
  const lines: string[] = [];
  const log = createLogger('system-api', { level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const url = new URL(database.url);
  Object.assign(url, { username: role, password });
  const env = loadApiEnv({
    SYSTEM_DATABASE_URL: url.href,
    CACHE_REDIS_URL: servers.cache,
    QUEUE_REDIS_URL: servers.queue,
    TLS_CA_FILE: servers.caFile,
    API_PORT: '0',
    DEMO_SIGN_INS: 'true',
    REQUESTS_PER_MINUTE: '100000',
    MONITORING_TOKEN,
    ...given,
  });
  const api = await startApi(env, log);
  await waitFor(async () => (await sql('SELECT 1 FROM public.users')).length > 0, { what: 'the first users' });
  const close = async () => {
    await api.close();
    await sql(`DROP OWNED BY ${role}`);
    await sql(`DROP ROLE ${role}`);
    await database.drop();
  };
  return { api, env, database, lines, sql, close };
}

async function migrate(url: string, caFile: string): Promise<void> {
  const owner = postgresConfig(url, { caFile, applicationName: 'astro-testing', allowPlaintext: false });
  const dataSource = await systemDataSource(owner).initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  await dataSource.destroy();
}

/** A person in front of the API: keeps the cookie as a browser would. */
export class Person {
  accessToken = '';
  cookie = '';

  constructor(private readonly url: string) {}

  /** @returns a person who has signed in with the demo's account of this role */
  static async withRole(url: string, role: Role): Promise<Person> {
    const signIn = DEMO_SIGN_INS.find((one) => one.role === role);
    const person = new Person(url);
    const { status } = await person.signIn(signIn?.email ?? '', signIn?.password ?? '');
    if (status !== 200) throw new Error(`cannot sign in as ${role}: ${status}`);
    return person;
  }

  async signIn(email: string, password: string): Promise<Answer> {
    return this.keep(await this.post('/api/v1/auth/sign-in', { email, password }));
  }

  async refresh(cookie = this.cookie): Promise<Answer> {
    const headers = { cookie, 'x-requested-with': 'astro' };
    return this.keep(await this.ask('/api/v1/auth/refresh', { method: 'POST', headers }));
  }

  signOut(): Promise<Answer> {
    const headers = { cookie: this.cookie, 'x-requested-with': 'astro' };
    return this.ask('/api/v1/auth/sign-out', { method: 'POST', headers });
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(path, { headers });
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', path, { body, headers });
  }

  patch(path: string, body: unknown): Promise<Answer> {
    return this.send('PATCH', path, { body });
  }

  delete(path: string): Promise<Answer> {
    return this.ask(path, { method: 'DELETE' });
  }

  private send(
    method: string,
    path: string,
    { body, headers = {} }: { body: unknown; headers?: Record<string, string> },
  ): Promise<Answer> {
    const type = { 'content-type': 'application/json' };
    return this.ask(path, { method, body: JSON.stringify(body), headers: { ...type, ...headers } });
  }

  private async ask(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Answer> {
    const bearer = this.accessToken === '' ? {} : { authorization: `Bearer ${this.accessToken}` };
    const response = await fetch(this.url + path, { ...init, headers: { ...bearer, ...init.headers } });
    const text = await response.text();
    const isJson = /json$|json;/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson && text ? JSON.parse(text) : null };
  }

  private keep(answer: Answer): Answer {
    if (answer.status !== 200) return answer;
    this.accessToken = (answer.body as SignedIn).accessToken;
    this.cookie = cookieOf(answer);
    return answer;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Tests look into it with matchers.
  readonly body: unknown;
}

/** What a browser would send back. */
export function cookieOf({ headers }: Pick<Answer, 'headers'>): string {
  return (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

/** An access token of an open session that has run out a minute ago, signed by a key that the API knows. */
export async function expiredToken(site: TestApi): Promise<string> {
  const { accessToken } = await Person.withRole(site.api.url, 'admin');
  const jwt = new JwtService();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(16).toString('base64url');
  await site.sql(
    `INSERT INTO access.signing_keys (kid, public_key, expires_at) VALUES ($1, $2, now() + interval '1 hour')`,
    [kid, publicKey.export({ type: 'spki', format: 'pem' })],
  );
  const claims = jwt.decode<Record<string, unknown>>(accessToken);
  const exp = Math.floor(Date.now() / 1_000) - 60;
  const header = { alg: 'ES256', typ: 'at+jwt', kid };
  return jwt.sign({ ...claims, exp }, { privateKey, algorithm: 'ES256', header });
}

/** @returns the key of an integrator with this scope */
export async function apiKeyWith(admin: Person, scope: Scope): Promise<string> {
  const { body } = await admin.post('/api/v1/api-keys', { name: `key for ${scope}`, scopes: [scope] });
  return (body as CreatedApiKey).secret;
}
