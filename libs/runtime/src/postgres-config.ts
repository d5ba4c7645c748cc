import type { ClientConfig } from 'pg';
import {
  ConnectionUrlError,
  decodePart,
  hostOf,
  parseConnectionUrl,
  readPem,
  verifiedTls,
  type LinkSecurity,
} from './link-security.js';

export interface PostgresOptions extends LinkSecurity {
  /** Shown in `pg_stat_activity` and in the origin of changes; at most 63 bytes. */
  readonly applicationName: string;
  /** Default `pg_catalog` only, so that every other name must be qualified. */
  readonly searchPath?: string | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
const DEFAULT_PORT = 5432;

/** TLS modes that promise encryption. All of them are verified here: none is weakened to what libpq would accept. */
const ENCRYPTED_MODES = new Set(['require', 'verify-ca', 'verify-full']);
const OPTIONAL_MODES = new Set(['', 'allow', 'prefer']);
/** Parameters that libpq knows and that change nothing for us. */
const IGNORED_PARAMETERS = new Set(['application_name', 'channel_binding', 'gssencmode']);
const KNOWN_PARAMETERS = new Set([
  ...IGNORED_PARAMETERS,
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'connect_timeout'],
]);

/**
 * Session settings that would change the text of values, hide rows or end the session, whatever the role, the
 * database or the server says (W21, W41). `client_encoding` UTF8 is always sent by `pg` itself.
 */
const PINNED_SETTINGS = {
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  timezone: 'UTC',
  extra_float_digits: '3',
  row_security: 'off',
  statement_timeout: '0',
  idle_session_timeout: '0',
};

/**
 * Connection settings for `pg` from a URL such as
 * `postgres://user:password@host:5432/db?sslmode=verify-full&sslrootcert=/path/ca.pem`.
 * `sslrootcert` wins over `caFile`. Also for `replication: 'database'`, which the caller adds.
 * Needs PostgreSQL 14 or later.
 * @throws {ConnectionUrlError} when the URL is wrong, or the link would not be encrypted and verified
 */
export function postgresConfig(url: string, options: PostgresOptions): ClientConfig {
  const parsed = parseConnectionUrl(url, ['postgres', 'postgresql']);
  const database = decodePart(parsed.pathname.slice(1));
  if (database === undefined) throw new ConnectionUrlError('the URL names no database; add /database after the host');
  const user = decodePart(parsed.username);
  const password = decodePart(parsed.password);
  return {
    host: hostOf(parsed),
    port: parsed.port === '' ? DEFAULT_PORT : Number(parsed.port),
    database,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ssl: sslOf(parsed, options),
    application_name: options.applicationName,
    options: startupOptions(options.searchPath ?? 'pg_catalog'),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    connectionTimeoutMillis: connectTimeoutMs(parsed),
  };
}

function sslOf(url: URL, security: LinkSecurity): Exclude<ClientConfig['ssl'], undefined> {
  const parameters = url.searchParams;
  const unknown = [...parameters.keys()].filter((name) => !KNOWN_PARAMETERS.has(name));
  if (unknown.length > 0) throw new ConnectionUrlError(`remove the unsupported URL parameter ${unknown.join(', ')}`);
  const mode = parameters.get('sslmode') ?? '';
  const caFile = parameters.get('sslrootcert') || security.caFile;
  const verifiable = ENCRYPTED_MODES.has(mode) || (OPTIONAL_MODES.has(mode) && caFile !== undefined);
  if (verifiable) return { ...verifiedTls(hostOf(url), caFile === 'system' ? undefined : caFile), ...clientPair(url) };
  if (mode !== 'disable' && !OPTIONAL_MODES.has(mode)) throw new ConnectionUrlError(`"${mode}" is not an sslmode`);
  if (security.allowPlaintext) return false;
  throw new ConnectionUrlError(
    'the connection would not be encrypted and verified; add sslmode=verify-full and sslrootcert=<CA file>, ' +
      'or set ALLOW_PLAINTEXT=true to permit plaintext',
  );
}

/** The client's own certificate, for servers that ask for one. */
function clientPair(url: URL): { cert?: string; key?: string } {
  const cert = url.searchParams.get('sslcert');
  const key = url.searchParams.get('sslkey');
  if (!cert && !key) return {};
  if (!cert || !key) throw new ConnectionUrlError('sslcert and sslkey belong together; one of them is missing');
  return { cert: readPem(cert), key: readPem(key) };
}

function connectTimeoutMs(url: URL): number {
  const text = url.searchParams.get('connect_timeout');
  if (text === null) return CONNECT_TIMEOUT_MS;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds > 0) return seconds * 1000;
  throw new ConnectionUrlError(`connect_timeout must be a whole number of seconds above 0, not "${text}"`);
}

/** The `options` of the startup packet; spaces and backslashes inside a value are escaped as the server expects. */
function startupOptions(searchPath: string): string {
  return Object.entries({ ...PINNED_SETTINGS, search_path: searchPath })
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}
