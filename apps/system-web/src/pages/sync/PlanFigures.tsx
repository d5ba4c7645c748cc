import { Alert, Text } from '@mantine/core';
import { ChartCard, type DataColumn, DataTable, formatCount, formatRows } from '@astro/web-ui';
import { durationWords } from '../../features/runs/run-words.js';
import { type Preview, type PreviewItem } from '../../generated/index.js';
import { isNothingToDo, KIND_WORDS, KINDS, totalOf } from './plan-facts.js';

/** A figure that nobody could count is said so, and never 0. */
export function figure(count: number | null): string {
  return count === null ? 'not known' : formatCount(count);
}

/** Rows to insert, change, remove and leave, in all and per data set. */
export function PlanFigures({ preview }: { readonly preview: Preview }) {
  const { items, duration, confirmationReason } = preview;
  return (
    <>
      {isNothingToDo(preview) && (
        <Alert color="green" variant="light" title="Nothing to do">
          All {formatRows(totalOf(preview, 'same') ?? 0)} are equal on both sides.
        </Alert>
      )}
      {confirmationReason !== null && (
        <Alert color="red" variant="light" title="This run can destroy">
          {confirmationReason}
        </Alert>
      )}
      <dl className="facts">
        <Fact name="Rows in the source" value={figure(totalOf(preview, 'rows'))} />
        {KINDS.map((kind) => (
          <Fact key={kind} name={KIND_WORDS[kind]} value={figure(totalOf(preview, kind))} />
        ))}
        <Fact name="Time" value={durationWords(duration)} />
      </dl>
      <DataTable name="Plan per data set" columns={COLUMNS} rows={items} rowId={({ dataSet }) => dataSet} />
      <PlanChart items={items} />
    </>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const COLUMNS: readonly DataColumn<PreviewItem>[] = [
  { id: 'dataSet', header: 'Data set', cell: ({ dataSet }) => dataSet },
  { id: 'rows', header: 'Rows', cell: ({ rows }) => figure(rows), align: 'right' },
  { id: 'inserts', header: KIND_WORDS.inserts, cell: ({ inserts }) => figure(inserts), align: 'right', onCard: true },
  { id: 'changes', header: KIND_WORDS.changes, cell: ({ changes }) => figure(changes), align: 'right', onCard: true },
  {
    id: 'removals',
    header: KIND_WORDS.removals,
    cell: ({ removals }) => figure(removals),
    align: 'right',
    onCard: true,
  },
  { id: 'same', header: KIND_WORDS.same, cell: ({ same }) => figure(same), align: 'right', onCard: true },
  { id: 'target', header: 'In the target', cell: ({ targetRows }) => figure(targetRows), align: 'right' },
  { id: 'time', header: 'Time', cell: ({ duration }) => durationWords(duration), align: 'right' },
  { id: 'message', header: 'Note', cell: ({ message }) => <Text size="sm">{message ?? '–'}</Text>, wraps: true },
];

const TONES = { inserts: 'good', changes: 'plain', removals: 'bad', same: 'quiet' } as const;
const SERIES = KINDS.map(
  (key) => ({ key, label: KIND_WORDS[key], kind: 'bar', stack: 'rows', tone: TONES[key] }) as const,
);

function PlanChart({ items }: { readonly items: readonly PreviewItem[] }) {
  if (!items.some(({ state }) => state === 'ready')) return null;
  return (
    <ChartCard
      title="Rows by kind and data set"
      desc="For each data set a bar of the rows to insert, to change, to remove and those that are the same."
      unit="rows"
      xKind="category"
      series={SERIES}
      points={items.map(({ dataSet, inserts, changes, removals, same }) => ({
        x: dataSet,
        values: { inserts, changes, removals, same },
      }))}
    />
  );
}
