import { type Explanation } from '@astro/contracts';

/** How each verdict reads; its tone is said in the words too. */
export const VERDICTS: Readonly<Record<Explanation['verdict'], { readonly title: string; readonly color: string }>> = {
  equal: { title: 'Source and target say the same', color: 'green' },
  behind: { title: 'The target is behind', color: 'yellow' },
  differs: { title: 'Source and target differ, and nothing explains it', color: 'red' },
  set_aside: { title: 'The key is set aside with an error', color: 'red' },
  absent: { title: 'Nobody holds this key', color: 'gray' },
  unknown: { title: 'It is not known', color: 'gray' },
};

/** The answer as text that stands alone, with the way back here. */
export function ticketText({ dataSet, table, key, verdict, sentence, asOf }: Explanation, address: string): string {
  return [
    `${dataSet}, ${table}, key ${key}: ${VERDICTS[verdict].title}.`,
    sentence,
    `Looked at ${asOf}: ${address}`,
  ].join('\n');
}

export interface FieldRow {
  readonly name: string;
  /** Absent where that side has no such field. */
  readonly source?: unknown;
  readonly target?: unknown;
  readonly verdict: 'same' | 'differs' | 'not compared';
}

/** The fields of both sides, those that differ first; only what both sides show is compared. */
export function fieldRows({ source, target, differences }: Explanation, only?: string): FieldRow[] {
  const different = new Set(differences.map(({ field }) => field));
  const [from, into] = [source.value ?? {}, target.value ?? {}];
  const names = [...new Set([...different, ...Object.keys(from), ...Object.keys(into)])];
  return names
    .filter((name) => only === undefined || name === only)
    .map((name) => {
      const isInBoth = Object.hasOwn(from, name) && Object.hasOwn(into, name);
      return {
        name,
        ...(Object.hasOwn(from, name) && { source: from[name] }),
        ...(Object.hasOwn(into, name) && { target: into[name] }),
        verdict: different.has(name) ? 'differs' : isInBoth ? 'same' : 'not compared',
      };
    });
}
