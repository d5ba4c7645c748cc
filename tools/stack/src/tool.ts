import { join } from 'node:path';
import { childEnvironment, type Environment } from './environment.js';
import { StackError } from './errors.js';
import type { StackPaths } from './paths.js';
import { Program } from './program.js';

export interface ToolContext {
  readonly root: string;
  readonly paths: StackPaths;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

const STOP_DEADLINE_MS = 5_000;

/**
 * Runs the command line tool to its end.
 * @throws {StackError} with all that it said to people when it fails
 */
export async function runTool(command: 'migrate' | 'setup', { root, paths, env, signal }: ToolContext): Promise<void> {
  signal.throwIfAborted();
  const program = Program.start({
    command: [join(root, 'dist/apps/sync-worker/sync.js'), command],
    env: childEnvironment(process.env, env),
    logFile: join(paths.logs, 'setup.log'),
    stopDeadlineMs: STOP_DEADLINE_MS,
  });
  const onAbort = () => void program.stop();
  signal.addEventListener('abort', onAbort);
  const { code, text } = await program.ended();
  signal.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
  if (code !== 0) throw new StackError(`"npm run sync -- ${command}" failed:\n${text}`);
}
