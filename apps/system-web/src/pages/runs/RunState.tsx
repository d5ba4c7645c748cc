import { type ReactNode } from 'react';
import { Alert, List } from '@mantine/core';
import { TextLink, TimeText } from '@astro/web-ui';
import { type Run } from '../../generated/index.js';

/** What a person has to know about the state beyond its word: what the guard said, why it failed, what it waits for. */
export function RunStateNote({ run }: { readonly run: Run }) {
  const { state, stateReason } = run;
  switch (state) {
    case 'stopped_by_guard':
      return (
        <Note color="red" title="A guard has stopped this run">
          {stateReason ?? 'The run would have done more than its plan permits.'} What is applied stays; nothing more is
          written.
          <ItemMessages run={run} />
          <TextLink href={planAgain(run)}>Plan again</TextLink>
        </Note>
      );
    case 'failed':
      return <Failed run={run} />;
    case 'succeeded_with_leftovers':
      return (
        <Note color="yellow" title="Some rows are left">
          {stateReason ?? 'All other rows are done.'}{' '}
          <TextLink href={`/runs/${run.id}?tab=errors`}>Look at the leftovers</TextLink>
        </Note>
      );
    case 'queued':
      return <Waiting run={run} />;
    default:
      return stateReason === null ? null : (
        <Note color="gray" title="About this state">
          {stateReason}
        </Note>
      );
  }
}

/** The way to the failing rows only when there are some: a run can fail as a whole. */
function Failed({ run }: { readonly run: Run }) {
  return (
    <Note color="red" title="This run has failed">
      {run.stateReason ?? 'What is below says what happened.'} <ItemMessages run={run} />
      {run.progress.errors > 0 && <TextLink href={`/runs/${run.id}?tab=errors`}>Look at the errors</TextLink>}
    </Note>
  );
}

function Waiting({ run: { stateReason, queuedBehind } }: { readonly run: Run }) {
  return (
    <Note color="gray" title="This run waits">
      {stateReason}{' '}
      {queuedBehind === null ? (
        'A worker takes it as soon as one is free.'
      ) : (
        <>
          It begins when <TextLink href={`/runs/${queuedBehind}`}>run {queuedBehind}</TextLink> has ended.
        </>
      )}
    </Note>
  );
}

interface NoteProps {
  readonly color: 'red' | 'yellow' | 'gray';
  readonly title: string;
  readonly children: ReactNode;
}

function Note({ color, title, children }: NoteProps) {
  return (
    <Alert color={color} variant="light" title={title}>
      {children}
    </Alert>
  );
}

/** What was said about the data sets that did not succeed, beyond what the run says itself. */
function ItemMessages({ run: { items, stateReason } }: { readonly run: Run }) {
  const said = items.filter(
    ({ state, message }) => message !== null && message !== stateReason && state !== 'succeeded',
  );
  if (said.length === 0) return null;
  return (
    <List size="sm">
      {said.map(({ id, dataSet, message, finishedAt }) => (
        <List.Item key={id}>
          {dataSet}: {message} {finishedAt !== null && <TimeText at={finishedAt} />}
        </List.Item>
      ))}
    </List>
  );
}

function planAgain({ dataSets, mode }: Run): string {
  const search = new URLSearchParams([...dataSets.map((name) => ['dataSet', name]), ['mode', mode]]);
  return `/sync/new?${search.toString()}`;
}
