import { readFile } from 'node:fs/promises';
import { type Page } from '@playwright/test';
import { type Api } from './api.js';

/** As far as the stories read it. */
export interface AuditEntry {
  readonly id: string;
  readonly timestamp: string;
  readonly action: string;
  readonly entityType: string;
  readonly entityId: string | null;
  readonly result: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly initiator: { readonly kind: string; readonly id: string | null; readonly name: string };
  readonly service: string;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly correlationId: string | null;
}

interface AuditPage {
  readonly items: readonly AuditEntry[];
  readonly nextCursor: string | null;
}

/** Every entry that fits, newest first. */
export async function auditEntries(api: Api, filter: Readonly<Record<string, string>>): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: URLSearchParams = new URLSearchParams({ ...filter, limit: '100', ...(cursor !== '' && { cursor }) });
    const answer: AuditPage = await api.get(`/audit?${query.toString()}`);
    entries.push(...answer.items);
    cursor = answer.nextCursor;
  }
  return entries;
}

/** Clicks a button that saves a file. @returns its name and text */
export async function savedBy(page: Page, button: string): Promise<{ readonly name: string; readonly text: string }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

/** The cells of a CSV file by RFC 4180, in which every cell is quoted. */
export function cellsOf(csv: string): string[][] {
  const lines = csv.split('\r\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) => cell.replaceAll('""', '"')));
}

/** An entry as a line of the CSV file. */
export function lineOf(entry: AuditEntry): string[] {
  const { initiator, ...of } = entry;
  const who = [initiator.kind, initiator.id, initiator.name];
  const what = [of.service, of.action, of.entityType, of.entityId, of.result, JSON.stringify(of.details)];
  return [of.id, of.timestamp, ...who, ...what, of.address, of.requestId, of.correlationId].map((cell) => cell ?? '');
}
