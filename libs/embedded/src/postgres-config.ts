/** Certificate, key and authority of a server, as PEM files. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

export type PostgresSettings = Readonly<Record<string, string | number | boolean>>;

/** Names of the files inside the data directory that the settings point to. */
export const POSTGRES_FILES = { settings: 'embedded.conf', cert: 'server.crt', key: 'server.key' } as const;

/** What a source of changes needs. The WAL kept for a slot is bounded, so that a reader that is away never fills the disk. */
const SOURCE_DEFAULTS: PostgresSettings = {
  wal_level: 'logical',
  max_wal_senders: 10,
  max_replication_slots: 10,
  max_slot_wal_keep_size: '10GB',
};

/** The file that the cluster's postgresql.conf includes last; written anew at every start. */
export function settingsFile(port: number, tls: boolean, settings: PostgresSettings): string {
  const all: PostgresSettings = {
    ...SOURCE_DEFAULTS,
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    log_line_prefix: '%m [%p] %q%u@%d ',
    ...(tls
      ? {
          ssl: true,
          ssl_cert_file: POSTGRES_FILES.cert,
          ssl_key_file: POSTGRES_FILES.key,
          ssl_min_protocol_version: 'TLSv1.2',
        }
      : {}),
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name} = ${settingValue(value)}\n`)
    .join('');
}

/** Passwords only, never in clear; with TLS nothing but TLS. */
export function accessFile(tls: boolean): string {
  const type = tls ? 'hostssl' : 'host';
  return ['all', 'replication'].map((database) => `${type} ${database} all 127.0.0.1/32 scram-sha-256\n`).join('');
}

function settingValue(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return `'${String(value).replaceAll("'", "''")}'`;
}
