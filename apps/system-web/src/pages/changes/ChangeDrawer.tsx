import { type ChangeDetail, type ChangedField } from '@astro/contracts';
import { Alert, Drawer, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { OriginChip, originOfChange, StatusBadge, TextLink, TimeText, ValueText } from '@astro/web-ui';
import { useMe } from '../../features/session/session-context.js';
import { getChangeOptions } from '../../generated/@tanstack/react-query.gen.js';
import { dataSetHref } from '../../shared/href.js';
import { FieldTable, type TwoSidedField } from '../../shared/FieldTable.js';
import { QueryView } from '../../shared/QueryView.js';
import { explainHref, hasKey, historyHref, originLinks } from './change-links.js';

interface ChangeDrawerProps {
  /** Closed without one. */
  readonly id: string | undefined;
  readonly onClose: () => void;
}

/** All that the ledger knows of one change. */
export function ChangeDrawer({ id, onClose }: ChangeDrawerProps) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={`Change ${id ?? ''}`}
      closeButtonProps={{ 'aria-label': 'Close the details' }}
    >
      {id !== undefined && <ChangeView id={id} />}
    </Drawer>
  );
}

function ChangeView({ id }: { readonly id: string }) {
  const query = useQuery(getChangeOptions({ path: { id } }));
  return (
    <QueryView query={query} loadingLabel="Loading the change">
      {(change) => <Details change={change} />}
    </QueryView>
  );
}

function Details({ change }: { readonly change: ChangeDetail }) {
  const { role } = useMe();
  const { origin, committedAt, error } = change;
  return (
    <Stack>
      <div>
        <OriginChip origin={originOfChange(origin, committedAt)} links={originLinks(change, role)} />
      </div>
      {error && (
        <Alert color="red" variant="light" title="It could not be applied">
          <ValueText value={error.message} /> ({error.code})
        </Alert>
      )}
      <Facts change={change} />
      <Title order={3} size="h5">
        Fields
      </Title>
      <ChangedFields fields={change.fields} />
      {change.unchanged.length > 0 && (
        <p>Not sent again by the source, because they kept their value: {change.unchanged.join(', ')}.</p>
      )}
      {hasKey(change) && <TextLink href={historyHref(change)}>History of this key</TextLink>}
      {hasKey(change) && <TextLink href={explainHref(change)}>Explain this value</TextLink>}
    </Stack>
  );
}

function Facts({ change }: { readonly change: ChangeDetail }) {
  const { transaction } = change;
  const facts = [
    ['Did', change.op],
    ['Status', <StatusBadge key="status" kind="change" status={change.status} />],
    [
      'Data set',
      <TextLink key="set" href={dataSetHref(change.dataSet)}>
        {change.dataSet}
      </TextLink>,
    ],
    ['Table', <ValueText key="table" value={change.entityType} />],
    ['Key', <ValueText key="key" value={change.entityId} />],
    ...(change.oldKey === null ? [] : [['Key before', <ValueText key="old" value={change.oldKey} />] as const]),
    ['Committed', <TimeText key="committed" at={change.committedAt} absolute />],
    ['Stored in the ledger', <TimeText key="created" at={change.createdAt} absolute />],
    ['Applied', <TimeText key="executed" at={change.executedAt} none="not yet" absolute />],
    ['Position', `${change.commitLsn} · ${change.seq}`],
    ['Transaction', `${transaction.xid}, ${transaction.changes} ${transaction.changes === 1 ? 'change' : 'changes'}`],
  ] as const;
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

/** Fields that differ come first. */
function ChangedFields({ fields }: { readonly fields: readonly ChangedField[] }) {
  const ordered = fields.toSorted((one, other) => Number(one.kind === 'same') - Number(other.kind === 'same'));
  return (
    <FieldTable
      label="Fields before and after"
      headers={['Field', 'Before', 'After', 'What happened']}
      fields={ordered.map(fieldOf)}
      none="not known"
    />
  );
}

function fieldOf({ name, kind, ...values }: ChangedField): TwoSidedField {
  return {
    ...{ name, verdict: kind === 'unknown' ? 'not known' : kind, isMarked: false },
    ...('before' in values && { first: values.before }),
    ...('after' in values && { second: values.after }),
  };
}
