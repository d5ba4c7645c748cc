import { EnvError } from './env.js';
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
