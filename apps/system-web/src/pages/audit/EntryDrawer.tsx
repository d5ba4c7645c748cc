import { type AuditEntry } from '@astro/contracts';
import { type ReactNode } from 'react';
import { Drawer, Stack, Text, Title } from '@mantine/core';
import { CopyButton, StatusBadge, TextLink, TimeText, ValueText } from '@astro/web-ui';
import { hrefOf } from '../../shared/href.js';

const AROUND_MS = 5 * 60_000;

interface EntryDrawerProps {
  /** Closed without one. */
  readonly id: string | undefined;
  /** Absent when the page that is shown does not hold it. */
  readonly entry: AuditEntry | undefined;
  readonly onClose: () => void;
}

/** One entry whole: what was affected, before and after, and what happened around it. */
export function EntryDrawer({ id, entry, onClose }: EntryDrawerProps) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={`Entry ${id ?? ''}`}
      closeButtonProps={{ 'aria-label': 'Close the details' }}
    >
      {entry ? (
        <Details entry={entry} />
      ) : (
        <Text size="sm">It is not on this page of the list; change the filters.</Text>
      )}
    </Drawer>
  );
}

function Details({ entry }: { readonly entry: AuditEntry }) {
  const { details, correlationId, timestamp } = entry;
  const atMs = Date.parse(timestamp);
  const around = {
    from: new Date(atMs - AROUND_MS).toISOString(),
    to: new Date(atMs + AROUND_MS).toISOString(),
  };
  return (
    <Stack>
      <Facts facts={factsOf(entry)} />
      <Title order={3} size="h5">
        Details
      </Title>
      {Object.keys(details).length === 0 ? (
        <Text size="sm">There are none.</Text>
      ) : (
        <Facts facts={Object.entries(details).map(([name, value]) => [name, <ValueText key={name} value={value} />])} />
      )}
      <div>
        <Text span size="sm">
          As JSON
        </Text>{' '}
        <CopyButton value={JSON.stringify(entry, null, 2)} what="entry as JSON" />
      </div>
      {correlationId !== null && <TextLink href={hrefOf('/audit', { correlationId })}>Acts of the same story</TextLink>}
      {correlationId !== null && (
        <TextLink href={hrefOf('/changes', { correlationId })}>Changes of the same story</TextLink>
      )}
      <TextLink href={hrefOf('/audit', around)}>Everything 5 min before and after</TextLink>
    </Stack>
  );
}

type Fact = readonly [name: string, value: ReactNode];

function factsOf({ initiator, result, timestamp, ...entry }: AuditEntry): readonly Fact[] {
  return [
    ['Time', <TimeText key="time" at={timestamp} absolute />],
    ['Who', <ValueText key="who" value={initiator.name} />],
    ['As', initiator.kind.replace('_', ' ')],
    ['Action', entry.action],
    ['Result', <StatusBadge key="result" kind="result" status={result} />],
    ['Kind of thing', entry.entityType],
    ['Id of the thing', entry.entityId === null ? 'none' : <ValueText key="id" value={entry.entityId} />],
    ['Service', entry.service],
    ['Address', entry.address ?? 'not known'],
    ['Request id', entry.requestId ?? 'none'],
    ['Correlation id', entry.correlationId ?? 'none'],
  ];
}

function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
