import { hasEnded, lookOf, SpanCard, type SpanPart } from '@astro/web-ui';
import { useRunSeries } from '../../features/runs/run-query.js';
import { type Run, type RunSeries } from '../../generated/index.js';

/** When each data set was worked on, and in which phases; of one alone the run's own chart tells it. */
export function RunSpans({ run }: { readonly run: Run }) {
  const { data } = useRunSeries(run);
  if (run.items.length < 2) return null;
  const parts = partsOf(data?.spans ?? []);
  const spans = run.items.map(({ dataSet, state, startedAt, finishedAt }) => {
    const { word, tone } = lookOf('run', state);
    return { name: dataSet, word, tone, from: startedAt, to: finishedAt, parts: parts.get(dataSet) ?? [] };
  });
  const isOver = hasEnded(run.state);
  const end = isOver ? 'its end' : 'its end, or until now';
  return (
    <SpanCard
      title="Time of each data set"
      desc={`From the beginning of the work on a data set to ${end}; a mere line is a time of rest, such as a pause.`}
      nameHeader="Data set"
      partsHeader="Phases"
      spans={spans}
      until={run.finishedAt ?? run.asOf}
      emptyText={isOver ? 'The run ended before a data set was begun.' : 'No data set was begun yet.'}
    />
  );
}

function partsOf(spans: RunSeries['spans']): ReadonlyMap<string, SpanPart[]> {
  const parts = new Map<string, SpanPart[]>();
  for (const { dataSet, phase, from, to } of spans) {
    const part = { word: phase, from, to };
    const before = parts.get(dataSet);
    if (before) before.push(part);
    else parts.set(dataSet, [part]);
  }
  return parts;
}
