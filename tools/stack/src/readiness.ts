import { readinessSchema } from '@astro/contracts';

const ANSWER_TIMEOUT_MS = 5_000;
const MOST_NAMES = 3;

/**
 * @param token of monitoring, without which the API tells no details; the worker needs none
 * @returns null when the service is ready, else what it waits for, in one line
 */
export async function askReadiness(name: string, url: string, token = ''): Promise<string | null> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      headers: { authorization: `Bearer ${token}` },
    });
    if (response.ok) return null;
    return `${name} is not ready: ${unhealthyParts(await response.json())}`;
  } catch {
    return `${name} does not answer yet`;
  }
}

function unhealthyParts(answer: unknown): string {
  const parsed = readinessSchema.safeParse(answer);
  if (!parsed.success) return 'it does not say why';
  const parts = parsed.data.components.filter((component) => !component.healthy);
  const names = new Map<string, string[]>();
  for (const { name, detail } of parts) names.set(detail, [...(names.get(detail) ?? []), name]);
  return [...names].map(([detail, those]) => `${listOf(those)}: ${detail}`).join('; ');
}

/** One reason often holds for very many. */
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
