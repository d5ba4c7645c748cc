import { formatBytes, formatCount } from '../bits/format-number.js';
import { type ProgressFigures } from './progress-words.js';

/** The lesser figures of a run as pairs of name and value. */
export function ProgressFacts({ figures }: { readonly figures: ProgressFigures }) {
  return (
    <dl className="facts">
      {factsOf(figures).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function factsOf(figures: ProgressFigures): [name: string, value: string][] {
  const { rateRowsPerS, errors, retries, rawBytes, storedBytes } = figures;
  return [
    ['Rate now', rate(rateRowsPerS)],
    ['Errors', formatCount(errors)],
    ['Retries', formatCount(retries)],
    ['Bytes', formatBytes(rawBytes)],
    ['Stored', stored(rawBytes, storedBytes)],
  ];
}

function rate(perSecond: number | null): string {
  return perSecond === null ? '–' : `${formatCount(perSecond)} rows/s`;
}

function stored(rawBytes: number | null, storedBytes: number | null): string {
  if (!rawBytes || !storedBytes) return formatBytes(storedBytes);
  return `${formatBytes(storedBytes)} (${Math.round((storedBytes / rawBytes) * 100)} %)`;
}
