import { hasEnded, lookOf, SpanCard } from '@astro/web-ui';
import { type Run } from '../../generated/index.js';

/** When each data set was worked on; of one alone the facts of the run tell it. */
export function RunSpans({ run }: { readonly run: Run }) {
  if (run.items.length < 2) return null;
  const spans = run.items.map(({ dataSet, state, startedAt, finishedAt }) => {
    const { word, tone } = lookOf('run', state);
    return { name: dataSet, word, tone, from: startedAt, to: finishedAt };
  });
  return (
    <SpanCard
      title="Time of each data set"
      desc={`Each bar goes from the beginning of the work on a data set to ${endWords(run)}; the axis begins with the first.`}
      nameHeader="Data set"
      spans={spans}
      until={run.finishedAt ?? run.asOf}
    />
  );
}

function endWords({ state }: Run): string {
  return hasEnded(state) ? 'its end' : 'its end, or until now';
}
