import { readinessSchema, type Component } from '@astro/contracts';

const ANSWER_TIMEOUT_MS = 5_000;
const MOST_NAMES = 3;

/** What a service that runs is not ready for. */
export interface Waiting {
  /** In one line. */
  readonly text: string;
  /** Only data sets, or the capture that feeds them, are not well: that may last until a person does something. */
  readonly isForPeople: boolean;
}

/**
 * @param token of monitoring, without which the API tells no details; the worker needs none
 * @returns null when the service is ready
 */
export async function askReadiness(name: string, url: string, token = ''): Promise<Waiting | null> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      headers: { authorization: `Bearer ${token}` },
    });
    if (response.ok) return null;
    return waitingFor(name, await response.json());
  } catch {
    return { text: `${name} does not answer yet`, isForPeople: false };
  }
}

function waitingFor(service: string, answer: unknown): Waiting {
  const parsed = readinessSchema.safeParse(answer);
  if (!parsed.success) return { text: `${service} is not ready: it does not say why`, isForPeople: false };
  const parts = parsed.data.components.filter((component) => !component.healthy);
  const isForPeople = parts.length > 0 && parts.every(({ name }) => name === 'capture' || name.startsWith('data set '));
  return { text: `${service} is not ready: ${reasonsOf(parts)}`, isForPeople };
}

function reasonsOf(parts: readonly Component[]): string {
  const names = new Map<string, string[]>();
  for (const { name, detail } of parts) names.set(detail, [...(names.get(detail) ?? []), name]);
  return [...names].map(([detail, those]) => `${listOf(those)}: ${detail}`).join('; ');
}

/** One reason often holds for very many. */
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
