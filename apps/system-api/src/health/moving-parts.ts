import { type Pool } from 'pg';
import { type Component } from '@astro/contracts';
import { DeadlineError } from '@astro/runtime';

/** One row per part of the synchronization: capture, each lane, maintenance. The view also says when a part fell silent. */
const READ_HEALTH = `
SELECT component AS name, healthy, detail
FROM public.sync_health
ORDER BY healthy, component
LIMIT 1000`;

const UNDEFINED_TABLE = '42P01';
const NAME = 'Synchronization';

/** What the workers say about their parts; one unhealthy part that says why when they say nothing. */
export async function readMovingParts(systemDb: Pool): Promise<readonly Component[]> {
  try {
    const { rows } = await systemDb.query<Component>(READ_HEALTH);
    if (rows.length > 0) return rows;
    return [{ name: NAME, healthy: false, detail: 'No worker has reported yet; start sync-worker.' }];
  } catch (error) {
    if (codeOf(error) !== UNDEFINED_TABLE) throw error;
    return [
      { name: NAME, healthy: false, detail: 'SystemDB is not set up: it has no sync_health view; run the migrations.' },
    ];
  }
}

/** The unhealthy component for an error: its code only, because messages may hold addresses and names. */
export function componentOf(name: string, error: unknown): Component {
  if (error instanceof DeadlineError) {
    return { name, healthy: false, detail: `No answer within ${error.deadlineMs} ms.` };
  }
  const code = codeOf(error);
  return { name, healthy: false, detail: code ? `Cannot be reached (${code}).` : 'Cannot be reached.' };
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  const found = code ?? cause?.code;
  return typeof found === 'string' && /^\w{1,40}$/.test(found) ? found : '';
}
