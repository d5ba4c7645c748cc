import type { z } from 'zod';

export interface EnvProblem {
  /** Name of the environment variable. */
  readonly key: string;
  readonly message: string;
}

/** Environment variables are missing or wrong; the message has one line for each of them. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
  readonly code = 'ENV_INVALID';
  constructor(readonly problems: readonly EnvProblem[]) {
    const lines = problems.map(({ key, message }) => `  ${key}: ${message}`);
    super(`The environment is not usable:\n${lines.join('\n')}`);
  }
}

/**
 * Reads the environment once, at the edge. An empty variable counts as absent.
 * @throws {EnvError} naming every bad variable at once, never its value
 */
export function loadEnv<S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv): z.output<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new EnvError(parsed.error.issues.map((issue) => problemOf(issue, given)));
}

function problemOf(issue: z.core.$ZodIssue, given: Record<string, unknown>): EnvProblem {
  const [name] = issue.path;
  if (name === undefined) return { key: 'environment', message: issue.message };
  const key = String(name);
  return { key, message: given[key] === undefined ? 'is missing' : issue.message };
}
