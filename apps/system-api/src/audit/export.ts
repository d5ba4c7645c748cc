import { type AuditEntry, type AuditExportQuery } from '@astro/contracts';
import { csvLine } from './csv.js';

/** Columns of the CSV file, in their order; `details` is JSON. */
const CSV_COLUMNS: Readonly<Record<string, (entry: AuditEntry) => string | null>> = {
  id: (entry) => entry.id,
  timestamp: (entry) => entry.timestamp,
  initiator_kind: (entry) => entry.initiator.kind,
  initiator_id: (entry) => entry.initiator.id,
  initiator_name: (entry) => entry.initiator.name,
  service: (entry) => entry.service,
  action: (entry) => entry.action,
  entity_type: (entry) => entry.entityType,
  entity_id: (entry) => entry.entityId,
  result: (entry) => entry.result,
  details: (entry) => JSON.stringify(entry.details),
  address: (entry) => entry.address,
  request_id: (entry) => entry.requestId,
  correlation_id: (entry) => entry.correlationId,
};

/** Waits for the first item, so that what goes wrong with it can still be answered as a problem. */
export async function begun<T>(items: AsyncGenerator<T>): Promise<AsyncGenerator<T>> {
  const first = await items.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* items;
  })();
}

/** The lines of an export file, each with its end. */
export async function* exportLines(
  entries: AsyncIterable<AuditEntry>,
  format: AuditExportQuery['format'],
): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(Object.keys(CSV_COLUMNS));
  for await (const entry of entries) {
    yield format === 'csv'
      ? csvLine(Object.values(CSV_COLUMNS).map((value) => value(entry)))
      : `${JSON.stringify(entry)}\n`;
  }
}
