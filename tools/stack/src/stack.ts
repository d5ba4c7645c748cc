import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '@astro/embedded';
import { startBackends, type Backends } from './backends.js';
import { requireDiskSpace } from './disk.js';
import { environments, isDemo, type Environment, type Environments } from './environment.js';
import { firstAdmin } from './first-admin.js';
import { endLeftoverPrograms } from './leftovers.js';
import type { StackOptions } from './options.js';
import { stackPaths, type StackPaths } from './paths.js';
import { servicePorts } from './ports.js';
import type { Screen } from './screen.js';
import type { ServerContext } from './servers.js';
import { startServices } from './services.js';
import { password } from './store.js';
import { together, unlessAborted } from './together.js';
import { runTool } from './tool.js';
import { writeTrustedAuthorities } from './trust.js';
import { watchServers, type WatchedServer } from './watch-servers.js';

/** Puts the demo data into the OperationsDB with this owner's address, unless they are there already. */
export type DemoLoader = (target: { url: string; log: (message: string) => void }) => Promise<void>;

export interface StackContext {
  /** The checkout. */
  readonly root: string;
  readonly options: StackOptions;
  readonly screen: Screen;
  readonly loadDemo: DemoLoader;
}

/** Everything that `npm start` runs, from the first folder to the last program. */
export class Stack {
  private readonly paths: StackPaths;
  private readonly stopping = new AbortController();
  private readonly stops: (() => Promise<void>)[] = [];
  private starting: Promise<string> | undefined;
  private ending: Promise<void> | undefined;

  constructor(private readonly context: StackContext) {
    this.paths = stackPaths(context.root);
  }

  /** Whether it serves nothing but its own demo, with sign-ins that everybody knows. */
  get isDemo(): boolean {
    return isDemo(this.context.options);
  }

  /**
   * Starts everything once.
   * @returns the address of the web, when everything is ready
   * @throws {StackError} and others; the caller then stops the stack
   */
  start(): Promise<string> {
    this.starting ??= this.startAll();
    return this.starting;
  }

  /** Stops what runs, last started first; also ends a start that is on its way. */
  stop(): Promise<void> {
    this.ending ??= this.stopAll();
    return this.ending;
  }

  private async startAll(): Promise<string> {
    const { paths } = this;
    const { root, options } = this.context;
    await this.prepareFolders();
    const backends = await this.startDatabases();
    const chosen = environments({
      options,
      addresses: backends.addresses,
      caFile: paths.caBundle,
      webRoot: join(root, 'dist/apps/system-web'),
      monitoringToken: password(paths, 'monitoring'),
      ...(await servicePorts(paths, options)),
    });
    await this.fillDatabases(backends, chosen.tool);
    await this.makeSignIns(chosen.api);
    return this.startPrograms(backends, chosen);
  }

  private async prepareFolders(): Promise<void> {
    const { base, data, run, logs, tls, state, caBundle } = this.paths;
    // Under root the servers run as another user, who must find the way to the data but not read the rest.
    for (const dir of [base, data]) mkdirSync(dir, { recursive: true, mode: 0o711 });
    for (const dir of [run, logs]) mkdirSync(dir, { recursive: true, mode: 0o700 });
    requireDiskSpace(base);
    await endLeftoverPrograms(state);
    const { caFile } = await createAuthority(tls);
    writeTrustedAuthorities(caBundle, caFile, this.context.options);
  }

  private async startDatabases(): Promise<Backends> {
    const watched: WatchedServer[] = [];
    const track: ServerContext['track'] = (name, server) => {
      this.stops.push(() => server.stop());
      watched.push({ name, pid: () => server.pid, start: () => server.start() });
    };
    const tls = await createAuthority(this.paths.tls);
    const context = { paths: this.paths, tls, announce: this.say, track };
    const backends = await startBackends(this.context.options.given, context);
    this.stops.push(watchServers(watched, this.say));
    this.say(`The databases run (${watched.length} started here)`);
    return backends;
  }

  private async fillDatabases({ demoUrl }: Backends, env: Environment): Promise<void> {
    const migrate = async () => {
      await this.runTool('migrate', env);
      this.say('SystemDB has its tables');
    };
    const fill = async () => {
      if (demoUrl === null) return;
      await unlessAborted(this.context.loadDemo({ url: demoUrl, log: this.say }), this.stopping.signal);
    };
    await together([migrate(), fill()]);
  }

  /** The demo's are made by the API itself, and are shown at the end of the start. */
  private async makeSignIns(env: Environment): Promise<void> {
    if (this.isDemo) return;
    const text = await firstAdmin(this.context.root, env, this.stopping.signal);
    if (text !== '') this.context.screen.show(text);
  }

  private startPrograms(backends: Backends, chosen: Environments): Promise<string> {
    return startServices({
      root: this.context.root,
      paths: this.paths,
      backends,
      environments: chosen,
      say: this.say,
      signal: this.stopping.signal,
      onStop: (stop) => this.stops.push(stop),
      setUp: async () => {
        await this.runTool('setup', chosen.tool);
        this.say('OperationsDB is set up as a source');
      },
    });
  }

  private runTool(command: 'migrate' | 'setup', env: Environment): Promise<void> {
    return runTool(command, { root: this.context.root, paths: this.paths, env, signal: this.stopping.signal });
  }

  private async stopAll(): Promise<void> {
    this.stopping.abort();
    await this.starting?.catch(() => {}); // told to the caller of start
    for (let stop = this.stops.pop(); stop; stop = this.stops.pop()) await stop();
    rmSync(this.paths.state, { force: true });
  }

  private readonly say = (message: string): void => this.context.screen.say(message);
}
