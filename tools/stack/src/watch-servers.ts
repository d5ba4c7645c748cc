/** A database server as far as its life is concerned. */
export interface WatchedServer {
  readonly name: string;
  /** Null when it is not running. */
  pid(): number | null;
  start(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Starts a server again that ended although nobody stopped it.
 * @returns a function that ends the watching; it resolves when nothing is being started any more
 */
export function watchServers(servers: readonly WatchedServer[], say: (message: string) => void): () => Promise<void> {
  let looking: Promise<void> | undefined;
  const look = async () => {
    for (const server of servers.filter((candidate) => candidate.pid() === null)) await revive(server, say);
  };
  const timer = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined));
  }, LOOK_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

async function revive(server: WatchedServer, say: (message: string) => void): Promise<void> {
  say(`${server.name} ended; it starts again`);
  try {
    await server.start();
    say(`${server.name} runs again`);
  } catch (error) {
    say(`${server.name} does not start: ${error instanceof Error ? error.message : String(error)}`);
  }
}
