export type RedisSettings = Readonly<Record<string, string | number>>;

/** Names of the files in the server's folder. */
export const REDIS_FILES = { config: 'redis.conf', ca: 'ca.pem', cert: 'server.pem', key: 'server-key.pem' } as const;

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
    // Rewriting the file beside a copy that fills an empty database would do its work twice, on the same cores.
    'auto-aof-rewrite-min-size': '512mb',
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
