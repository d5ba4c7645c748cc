import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 300_000;

/**
 * Installs a package of Debian or Ubuntu when that can be done without asking anybody; else nothing happens.
 * Whether it worked shows in what it installs.
 * @param announce told before, because it takes long
 */
export async function installPackage(name: string, announce: (message: string) => void): Promise<void> {
  const prefix = withoutAsking();
  if (!prefix || !existsSync('/usr/bin/apt-get')) return;
  announce(`Installing ${name} with apt-get, because it is needed and not installed …`);
  // RUNLEVEL=1 keeps a package from starting a service of its own.
  const env = ['env', 'RUNLEVEL=1', 'DEBIAN_FRONTEND=noninteractive'];
  const aptGet = [...prefix, ...env, 'apt-get', '-o', 'DPkg::Lock::Timeout=120'];
  await attempt([...aptGet, 'update', '-q']);
  await attempt([...aptGet, 'install', '-q', '-y', '--no-install-recommends', name]);
}

/** Where services are managed, this one neither runs nor starts with the system. */
export async function disableService(name: string): Promise<void> {
  const prefix = withoutAsking();
  if (!prefix || !existsSync('/run/systemd/system')) return;
  await attempt([...prefix, 'systemctl', 'disable', '--now', name]);
}

/** A command prefix that gives root rights without a question; undefined when there is none. */
function withoutAsking(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
    return ['sudo', '-n'];
  } catch {
    return undefined;
  }
}

/** A step that fails is no error yet: what counts is whether the program is there in the end. */
async function attempt([command, ...args]: readonly string[]): Promise<void> {
  await run(command as string, args, { timeout: INSTALL_TIMEOUT_MS }).catch(() => undefined);
}
