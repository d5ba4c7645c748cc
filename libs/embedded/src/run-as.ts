import { execFileSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EmbeddedServerError } from './errors.js';

/** A command and how to spawn it. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

const ACCOUNT_NAME = 'postgres';
let account: Account | null | undefined;

/**
 * The account that servers run as: null means this process's own. Under root it is the unprivileged user
 * `postgres`, made when missing, because PostgreSQL refuses to run as root and no server of ours needs to.
 */
function serverAccount(): Account | null {
  account ??= process.getuid?.() === 0 ? (findAccount() ?? createAccount()) : null;
  return account;
}

/** Gives a file or directory to the account that servers run as. */
export function giveToServer(path: string): void {
  const owner = serverAccount();
  if (owner) chownSync(path, owner.uid, owner.gid);
}

/**
 * How to run `command` as the servers' account.
 * @param paths what the command must be able to reach. Where a folder above them is closed to other users
 *   (a checkout in root's home), the command keeps the one capability that opens folders
 */
export function launchAsServer(command: string, args: readonly string[], paths: readonly string[]): Launch {
  const owner = serverAccount();
  if (!owner) return { command, args };
  const closed = [command, ...paths].map((path) => closedFolderAbove(resolve(path), owner)).find(Boolean);
  if (closed === undefined) return { command, args, ...owner };
  return { command: setprivPath(closed), args: [...setprivArgs(owner), '--', command, ...args] };
}

/** Without the securebit, access(2), with which initdb looks for its siblings, would ignore the capability. */
function setprivArgs({ uid, gid }: Account): readonly string[] {
  const capability = [
    '--securebits',
    '+no_setuid_fixup',
    '--inh-caps',
    '+dac_override',
    '--ambient-caps',
    '+dac_override',
  ];
  return ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', ...capability];
}

function setprivPath(closedFolder: string): string {
  try {
    return execFileSync('sh', ['-c', 'command -v setpriv'], { encoding: 'utf8' }).trim();
  } catch {
    throw new EmbeddedServerError(
      `The folder ${closedFolder} is closed to the user "${ACCOUNT_NAME}", which the database runs as under root. ` +
        `Open it (chmod o+x ${closedFolder}), move the checkout elsewhere, or run this as an ordinary user.`,
    );
  }
}

/** The topmost folder above `path` that the account may not pass through. */
function closedFolderAbove(path: string, { uid, gid }: Account): string | undefined {
  const folder = dirname(path);
  const above = folder === path ? undefined : closedFolderAbove(folder, { uid, gid });
  if (above !== undefined || folder === path) return above;
  const { mode, uid: owner, gid: group } = statSync(folder);
  const executeBit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return mode & executeBit ? undefined : folder;
}

function findAccount(): Account | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, ACCOUNT_NAME], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function createAccount(): Account {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', ACCOUNT_NAME], { stdio: 'pipe' });
  } catch (cause) {
    throw new EmbeddedServerError(
      `PostgreSQL does not run as root, and the user "${ACCOUNT_NAME}" could not be created for it. ` +
        `Create it (useradd --system ${ACCOUNT_NAME}) or run this as an ordinary user.`,
      { cause },
    );
  }
  const created = findAccount();
  if (!created) throw new EmbeddedServerError(`The user "${ACCOUNT_NAME}" was created but cannot be found.`);
  return created;
}
