import { type AuditExportQuery, type AuditFilter } from '@astro/contracts';
import { exportAuditEntries } from '../../generated/index.js';
import { credentials } from '../../shared/credentials.js';
import { definedOf } from '../../shared/defined.js';

type Format = AuditExportQuery['format'];

/** `audit_2026-11-22T1302Z_filtered.csv` */
export function fileName(format: Format, nowMs: number, isFiltered: boolean): string {
  const stamp = new Date(nowMs).toISOString().slice(0, 16).replace(':', '');
  return `audit_${stamp}Z_${isFiltered ? 'filtered' : 'all'}.${format}`;
}

/**
 * Everything that fits, as a file.
 * @throws {ApiError} when the server refuses or cannot be reached
 */
export async function readExport(filter: AuditFilter, format: Format): Promise<Blob> {
  const { data } = await exportAuditEntries({
    query: { ...definedOf(filter), format },
    parseAs: 'blob',
    fetch: patientFetch,
    throwOnError: true,
  });
  // Read as a blob, whatever the document says of the answer.
  return data as unknown as Blob;
}

/** A long trail takes longer than the usual time of a read, so this one waits until the server has told it all. */
async function patientFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const token = await credentials().token();
  if (token !== null) request.headers.set('authorization', `Bearer ${token}`);
  return fetch(request);
}

/** Hands a file to the browser's downloads. */
export function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
