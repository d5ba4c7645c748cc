import { type Change, type Me } from '@astro/contracts';
import { Group } from '@mantine/core';
import { type DataColumn, OriginChip, originOfChange, StatusBadge, TextLink, TimeText, ValueText } from '@astro/web-ui';
import { dataSetHref } from '../../shared/href.js';
import { explainHref, hasKey, historyHref, originLinks } from './change-links.js';

const KEY_CHARS = 60;

interface ColumnsInput {
  readonly role: Me['role'];
  /** Where the details of a change are. */
  readonly openHref: (change: Change) => string;
}

const PLACE_COLUMNS: readonly DataColumn<Change>[] = [
  {
    id: 'dataSet',
    header: 'Data set',
    cell: ({ dataSet }) => <TextLink href={dataSetHref(dataSet)}>{dataSet}</TextLink>,
  },
  { id: 'entityType', header: 'Table', cell: ({ entityType }) => <ValueText value={entityType} />, hidden: true },
  {
    id: 'executedAt',
    header: 'Applied',
    cell: ({ executedAt }) => <TimeText at={executedAt} none="not yet" />,
    hidden: true,
  },
  { id: 'correlationId', header: 'Correlation id', cell: ({ origin }) => origin.correlationId ?? '–', hidden: true },
  { id: 'commitLsn', header: 'Position', cell: ({ commitLsn, seq }) => `${commitLsn} · ${seq}`, hidden: true },
];

/** What changed, where, who did it, and whether it has been applied. */
export function changeColumns({ role, openHref }: ColumnsInput): readonly DataColumn<Change>[] {
  return [
    {
      id: 'committedAt',
      header: 'Committed',
      cell: (change) => (
        <TextLink href={openHref(change)}>
          <TimeText at={change.committedAt} />
        </TextLink>
      ),
    },
    {
      id: 'origin',
      header: 'Who',
      cell: (change) => (
        <OriginChip origin={originOfChange(change.origin, change.committedAt)} links={originLinks(change, role)} />
      ),
      onCard: true,
    },
    { id: 'op', header: 'Did', cell: ({ op }) => op },
    { id: 'key', header: 'Key', cell: (change) => <KeyCell change={change} />, onCard: true },
    {
      id: 'changedFields',
      header: 'Fields',
      cell: (change) => <FieldsCell change={change} />,
      onCard: true,
    },
    {
      id: 'status',
      header: 'Status',
      cell: ({ status }) => <StatusBadge kind="change" status={status} />,
      onCard: true,
    },
    ...PLACE_COLUMNS,
  ];
}

/** Without the row from before, nobody knows which fields an update changed. */
function FieldsCell({ change: { op, changedFields } }: { readonly change: Change }) {
  if (changedFields !== null) return <ValueText value={changedFields.join(', ')} />;
  return <>{op === 'update' ? 'not known' : 'the whole row'}</>;
}

/** The key leads to its history, and "explain" to why its value is what it is. */
function KeyCell({ change }: { readonly change: Change }) {
  if (!hasKey(change)) return <span>the whole table</span>;
  const { entityId } = change;
  const shown = entityId.length > KEY_CHARS ? `${entityId.slice(0, KEY_CHARS)}…` : entityId;
  return (
    <Group gap="xs">
      <TextLink href={historyHref(change)}>
        <bdi title={`History of ${entityId}`}>{shown}</bdi>
      </TextLink>
      <TextLink href={explainHref(change)}>explain</TextLink>
    </Group>
  );
}
