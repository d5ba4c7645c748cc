import { hasEnded, lookOf, SpanCard } from '@astro/web-ui';
import { type Run } from '../../generated/index.js';

/** When each data set was worked on; of one alone the facts of the run tell it. */
export function RunSpans({ run }: { readonly run: Run }) {
  if (run.items.length < 2) return null;
  const spans = run.items.map(({ dataSet, state, startedAt, finishedAt }) => {
    const { word, tone } = lookOf('run', state);
    return { name: dataSet, word, tone, from: startedAt, to: finishedAt };
  });
  const isOver = hasEnded(run.state);
  const end = isOver ? 'its end' : 'its end, or until now';
  return (
    <SpanCard
      title="Time of each data set"
      desc={`From the beginning of the work on a data set to ${end}, pauses included.`}
      nameHeader="Data set"
      spans={spans}
      until={run.finishedAt ?? run.asOf}
      emptyText={isOver ? 'The run ended before a data set was begun.' : 'No data set was begun yet.'}
    />
  );
}
