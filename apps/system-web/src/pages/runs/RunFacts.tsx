import { type ReactNode } from 'react';
import { Duration, formatCount, TimeText, ValueText } from '@astro/web-ui';
import { type Run } from '../../generated/index.js';

/** What the run did by kind of row, when, and how its scope was narrowed. */
export function RunFacts({ run }: { readonly run: Run }) {
  return (
    <dl className="facts">
      {[...kindsOf(run), ...timesOf(run), ...scopeOf(run)].map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type Fact = readonly [name: string, value: ReactNode];

function kindsOf({ mode, progress }: Run): Fact[] {
  const { inserted, changed, removed, same, different } = progress;
  const compared: Fact[] = [
    ['Different', formatCount(different)],
    ['Same', formatCount(same)],
  ];
  const written: Fact[] = [
    ['Inserted', formatCount(inserted)],
    ['Changed', formatCount(changed)],
    ['Removed', formatCount(removed)],
  ];
  if (mode === 'verify') return compared;
  return mode === 'repair' ? [...compared, ...written] : [...written, ['Same', formatCount(same)]];
}

function timesOf({ startedAt, finishedAt }: Run): Fact[] {
  const isOver = startedAt !== null && finishedAt !== null;
  return [
    ['Started', <TimeText key="started" at={startedAt} none="not yet" />],
    ['Ended', <TimeText key="ended" at={finishedAt} none="not yet" />],
    ...(isOver ? [['Took', <Duration key="took" ms={Date.parse(finishedAt) - Date.parse(startedAt)} />] as const] : []),
  ];
}

function scopeOf({ options: { table, keys, filter } }: Run): Fact[] {
  const conditions = filter?.map(({ column, operator, value }) => [column, operator, ...asList(value)].join(' '));
  return [
    ...(table === undefined ? [] : [['Table', table] as const]),
    ...(keys ? [['Keys', <ValueText key="keys" value={keys.join(', ')} />] as const] : []),
    ...(conditions ? [['Filter', <ValueText key="filter" value={conditions.join(' and ')} />] as const] : []),
  ];
}

function asList(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return [JSON.stringify(value)];
}
