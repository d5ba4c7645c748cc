import { type DataSetDetail } from '@astro/contracts';
import { formatAge } from '@astro/web-ui';
import { ENDPOINT_NAMES, rowsWords } from './words.js';

/** One stop on the way of the rows. */
export interface Hop {
  readonly name: string;
  /** How much is there. */
  readonly amount: string;
  /** How old that is, and what is wrong with it. */
  readonly notes: readonly string[];
}

/** Source, queue and target with counts and ages. */
export function hopsOf({ hops, source, target, asOf }: DataSetDetail): readonly Hop[] {
  const age = (at: string | null): string | null => (at === null ? null : formatAge(Date.parse(asOf) - Date.parse(at)));
  const captured = age(hops.source.capturedAt);
  const oldest = age(hops.queue.oldestAt);
  const applied = age(hops.target.appliedAt);
  const { setAsideKeys } = hops.target;
  return [
    {
      name: ENDPOINT_NAMES[source],
      amount: rowsWords(hops.source.rows, 'about'),
      notes: [captured === null ? 'nobody reported what was captured' : `captured ${captured} ago`],
    },
    {
      name: 'Queue',
      amount: hops.queue.pending === null ? 'not known' : `${rowsWords(hops.queue.pending, 'at least')} waiting`,
      notes: oldest === null ? [] : [`the oldest for ${oldest}`],
    },
    {
      name: ENDPOINT_NAMES[target],
      amount: rowsWords(hops.target.rows, 'about'),
      notes: [
        applied === null ? 'nothing applied yet' : `last applied ${applied} ago`,
        ...(setAsideKeys > 0 ? [`${setAsideKeys} ${setAsideKeys === 1 ? 'key' : 'keys'} set aside`] : []),
      ],
    },
  ];
}

/** The picture in one sentence. */
export function hopsText(hops: readonly Hop[]): string {
  return hops.map(({ name, amount, notes }) => `${[`${name}: ${amount}`, ...notes].join(', ')}.`).join(' ');
}
