import { type AuditEntry } from '@astro/contracts';
import { type DataColumn, OriginChip, originOfInitiator, StatusBadge, ValueText } from '@astro/web-ui';
import { EntryLink } from './EntryLink.js';

/** Who it was, with what is known of the request. */
function originOfEntry({ initiator, service, action, address, requestId, correlationId, timestamp }: AuditEntry) {
  return originOfInitiator(initiator, { service, action, address, requestId, correlationId, at: timestamp });
}

export function auditColumns(): readonly DataColumn<AuditEntry>[] {
  return [
    { id: 'timestamp', header: 'Time', cell: ({ id, timestamp }) => <EntryLink id={id} at={timestamp} /> },
    { id: 'initiator', header: 'Who', cell: (entry) => <OriginChip origin={originOfEntry(entry)} />, onCard: true },
    { id: 'action', header: 'Action', cell: ({ action }) => action, onCard: true },
    {
      id: 'entity',
      header: 'What it was done to',
      cell: (entry) => <ValueText value={entityOf(entry)} />,
      onCard: true,
    },
    {
      id: 'result',
      header: 'Result',
      cell: ({ result }) => <StatusBadge kind="result" status={result} />,
      onCard: true,
    },
    { id: 'address', header: 'Address', cell: ({ address }) => address ?? '–' },
    { id: 'service', header: 'Service', cell: ({ service }) => service, hidden: true },
    { id: 'correlationId', header: 'Correlation id', cell: ({ correlationId }) => correlationId ?? '–', hidden: true },
    { id: 'requestId', header: 'Request id', cell: ({ requestId }) => requestId ?? '–', hidden: true },
  ];
}

function entityOf({ entityType, entityId }: AuditEntry): string {
  return entityId === null ? entityType.replaceAll('_', ' ') : `${entityType.replaceAll('_', ' ')} ${entityId}`;
}
