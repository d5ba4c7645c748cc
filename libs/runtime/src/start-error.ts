import { EnvError } from './env.js';
import { createLogger } from './logger.js';
import { redactText } from './redact.js';

export interface ProgramNames {
  /** Such as `system-api`. */
  readonly program: string;
  /** The variable that sets its port. */
  readonly portVariable: string;
}

/** Why a program did not start, for the person who started it: every problem, how to fix it, no stack, no secret. */
export function explainStartError(error: unknown, { program, portVariable }: ProgramNames): string {
  if (error instanceof EnvError) return `${program}: ${error.message}`;
  const { code, port, message } = error as { code?: unknown; port?: unknown; message?: unknown };
  if (code === 'EADDRINUSE') {
    return `${program} did not start: port ${String(port)} is in use; stop the other program or set ${portVariable}.`;
  }
  const reason = typeof message === 'string' && message !== '' ? message : String(code ?? error);
  return `${program} did not start: ${redactText(reason)}`;
}

/**
 * Writes the explanation to stderr for people and to the log for machines. Only an error that nobody foresaw has its
 * stack in the log. The caller then ends the process with exit code 1.
 */
export function reportStartError(error: unknown, names: ProgramNames): void {
  const explanation = explainStartError(error, names);
  const { code } = error as { code?: unknown };
  const isForeseen = typeof code === 'string' && !code.startsWith('ERR_');
  createLogger(names.program).fatal({ event: 'start.failed', ...(isForeseen ? { code } : { error }) }, explanation);
  process.stderr.write(`${explanation}\n`);
}
