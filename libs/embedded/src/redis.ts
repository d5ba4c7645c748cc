import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { EmbeddedServerError } from './errors.js';
import type { TlsFiles } from './postgres-config.js';
import { redisBinary } from './redis-binary.js';
import { redisConfig, REDIS_FILES, type RedisSettings } from './redis-config.js';
import { giveToServer, launchAsServer } from './run-as.js';
import { endLeftover, ServerProcess } from './server-process.js';
import { startOnPort } from './start-on-port.js';

export interface RedisOptions {
  /** Holds the data, the configuration and the log; kept between starts. */
  readonly dir: string;
  /** 0 or absent: a free one, the same again after `start()`. */
  readonly port?: number;
  /** Of the user `default`; random unless given. */
  readonly password?: string;
  /** With it the server takes TLS connections only, without it none. */
  readonly tls?: TlsFiles;
  /** Lines of redis.conf; they win over the defaults. */
  readonly settings?: RedisSettings;
  /** Default `server.log` in `dir`. */
  readonly logFile?: string;
  /** Told before something takes long, such as the installation of the server. */
  readonly announce?: (message: string) => void;
}

/** A Redis-compatible server of ours on 127.0.0.1. */
export interface EmbeddedRedis {
  /** Database 0; redis-cli takes it as it is (with `--cacert`). */
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  readonly logFile: string;
  /** Null while it is stopped. */
  readonly pid: number | null;
  /** Writes what is in memory to disk and ends. */
  stop(): Promise<void>;
  /** SIGKILL, as when the machine fails. */
  kill(): Promise<void>;
  /** Starts again after `stop` or `kill`, on the same port. `settings` are added to the earlier ones. */
  start(settings?: RedisSettings): Promise<void>;
}

const NAME = 'Redis';
const READY_TIMEOUT_MS = 60_000;
/** It may have to write a snapshot first. */
const STOP_TIMEOUT_MS = 60_000;

/**
 * Starts a Redis-compatible server (append-only file, no eviction, password); one that a killed process left
 * behind in the same folder is stopped first. It ends with this process.
 * @throws {EmbeddedServerError} when there is none to be had or it cannot be started
 */
export async function startRedis(options: RedisOptions): Promise<EmbeddedRedis> {
  const server = new RedisServer(options, await redisBinary(options.announce));
  await server.start();
  return server;
}

class RedisServer implements EmbeddedRedis {
  readonly dir: string;
  readonly logFile: string;
  private currentPort: number;
  private readonly password: string;
  private readonly tls: TlsFiles | undefined;
  private settings: RedisSettings;
  private process: ServerProcess | null = null;

  constructor(
    { dir, port = 0, password, tls, settings = {}, logFile }: RedisOptions,
    private readonly binary: string,
  ) {
    this.dir = resolve(dir);
    this.logFile = resolve(logFile ?? join(this.dir, 'server.log'));
    this.currentPort = port;
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
    const scheme = this.tls ? 'rediss' : 'redis';
    return `${scheme}://default:${encodeURIComponent(this.password)}@127.0.0.1:${this.port}/0`;
  }

  async start(settings: RedisSettings = {}): Promise<void> {
    if (this.pid !== null) throw new EmbeddedServerError(`${NAME} in ${this.dir} is already running.`);
    this.settings = { ...this.settings, ...settings };
    await endLeftover(NAME, this.dir, this.binary);
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    giveToServer(this.dir);
    const { port, process } = await startOnPort(this.currentPort, (port) => this.launch(port));
    this.currentPort = port;
    this.process = process;
  }

  async stop(): Promise<void> {
    await this.process?.end('SIGTERM', STOP_TIMEOUT_MS);
    this.process = null;
  }

  async kill(): Promise<void> {
    await this.process?.kill();
    this.process = null;
  }

  private launch(port: number): Promise<ServerProcess> {
    this.writeFiles(port);
    return ServerProcess.start({
      name: NAME,
      dir: this.dir,
      logFile: this.logFile,
      launch: launchAsServer(this.binary, [join(this.dir, REDIS_FILES.config)], [this.dir]),
      exitSignal: 'SIGTERM',
      isReady: () => this.answers(port),
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
  }

  private writeFiles(port: number): void {
    const { dir, password, tls, settings } = this;
    this.writeOwn(REDIS_FILES.config, redisConfig({ dir, port, password, tls: tls !== undefined, settings }));
    if (!tls) return;
    this.writeOwn(REDIS_FILES.ca, readFileSync(tls.caFile));
    this.writeOwn(REDIS_FILES.cert, readFileSync(tls.certFile));
    this.writeOwn(REDIS_FILES.key, readFileSync(tls.keyFile));
  }

  private writeOwn(name: string, content: string | Buffer): void {
    const file = join(this.dir, name);
    rmSync(file, { force: true });
    writeFileSync(file, content, { mode: 0o600 });
    giveToServer(file);
  }

  /** True when the server has loaded its data and takes commands. */
  private async answers(port: number): Promise<boolean> {
    const client = new Redis({
      host: '127.0.0.1',
      port,
      password: this.password,
      ...(this.tls ? { tls: { ca: readFileSync(this.tls.caFile) } } : {}),
      lazyConnect: true,
      enableReadyCheck: false,
      retryStrategy: () => null,
    });
    client.on('error', () => {}); // not listening yet: the next look tells
    try {
      await client.connect();
      return (await client.ping()) === 'PONG';
    } catch {
      return false;
    } finally {
      client.disconnect();
    }
  }
}
