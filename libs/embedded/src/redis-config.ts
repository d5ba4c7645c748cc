export type RedisSettings = Readonly<Record<string, string | number>>;

/** Names of the files in the server's folder. */
export const REDIS_FILES = { config: 'redis.conf', ca: 'ca.pem', cert: 'server.pem', key: 'server-key.pem' } as const;

/**
 * For a database that can be rebuilt (decision 0014): snapshots, and one when it stops, instead of a log of every write.
 * A snapshot that cannot be written must not keep anybody from writing.
 */
export const CACHE_SETTINGS: RedisSettings = {
  appendonly: 'no',
  save: '"300 1"',
  'stop-writes-on-bgsave-error': 'no',
};

interface RedisConfig {
  readonly dir: string;
  readonly port: number;
  readonly password: string;
  readonly tls: boolean;
  readonly settings: RedisSettings;
}

/** redis.conf; written anew at every start. */
export function redisConfig({ dir, port, password, tls, settings }: RedisConfig): string {
  const all: RedisSettings = {
    bind: '127.0.0.1',
    ...(tls ? tlsSettings(port) : { port }),
    dir: quoted(dir),
    requirepass: quoted(password),
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    save: '""',
    daemonize: 'no',
    logfile: '""',
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

function tlsSettings(port: number): RedisSettings {
  return {
    port: 0,
    'tls-port': port,
    'tls-cert-file': REDIS_FILES.cert,
    'tls-key-file': REDIS_FILES.key,
    'tls-ca-cert-file': REDIS_FILES.ca,
    'tls-auth-clients': 'no',
    'tls-protocols': '"TLSv1.2 TLSv1.3"',
  };
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
