import { Inject, Injectable } from '@nestjs/common';
import { type Pool, type PoolClient } from 'pg';
import { type AuditResult } from '@astro/contracts';
import { redactJson, type Logger } from '@astro/runtime';
import { storableJson } from '@astro/sync-core';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { type RequestOrigin } from '../shared/request-origin.js';
import { LOG } from '../shared/shared.module.js';
import { inTransaction } from '../shared/transaction.js';

/** What is written down about one act. */
export interface AuditRecord {
  /** `topic.verb`, such as `run.start`. */
  readonly action: string;
  /** What it was done to, such as `run`, with its id when there is one. */
  readonly entityType: string;
  readonly entityId?: string | null;
  /** Default `succeeded`. */
  readonly result?: AuditResult;
  /** Affected data, before and after, reasons. Secrets are taken out; at most 16 kB are kept. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly origin: RequestOrigin;
}

const SERVICE = 'system-api';
const MAX_DETAILS = 16_384;
const INSERT = `
INSERT INTO public.entry_log (action, entity_type, entity_id, result, details, initiator_kind, initiator_id,
  initiator_name, service, address, request_id, correlation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

/** Writes the audit trail. What cannot be written down is not done. */
@Injectable()
export class AuditLog {
  constructor(
    private readonly connections: Connections,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /**
   * Writes an entry by itself: for refusals, and for what was done elsewhere.
   * @throws {ApiProblem} 503 `AUDIT_UNAVAILABLE`
   */
  async record(entry: AuditRecord): Promise<void> {
    await this.write(this.connections.systemDb, entry);
  }

  /**
   * Writes an entry in the transaction of the act itself, so that both happen or neither.
   * @throws {ApiProblem} 503 `AUDIT_UNAVAILABLE`; let it through, so that the transaction is rolled back
   */
  async within(client: PoolClient, entry: AuditRecord): Promise<void> {
    await this.write(client, entry);
  }

  /**
   * Does a privileged act and writes its entry, in one transaction.
   * @param work returns the result and what to write down; nothing is done when it throws
   */
  act<T>(work: (client: PoolClient) => Promise<{ result: T; entry: AuditRecord }>): Promise<T> {
    return inTransaction(this.connections.systemDb, async (client) => {
      const { result, entry } = await work(client);
      await this.write(client, entry);
      return result;
    });
  }

  private async write(db: Pool | PoolClient, entry: AuditRecord): Promise<void> {
    const { action, entityType, entityId = null, result = 'succeeded', details = {}, origin } = entry;
    const { initiator, address, requestId, correlationId } = origin;
    const who = [initiator.kind, initiator.id, withoutNul(initiator.name)];
    const values = [action, entityType, entityId, result, detailsText(details), ...who];
    try {
      await db.query(INSERT, [...values, SERVICE, address, requestId, correlationId]);
    } catch (error) {
      this.log.error({ event: 'audit.unavailable', action, requestId, error }, 'an act was refused: no audit entry');
      throw new ApiProblem(503, {
        code: 'AUDIT_UNAVAILABLE',
        detail: 'This cannot be written to the audit trail just now, so it was not done. Try again in a moment.',
        cause: error,
      });
    }
  }
}

function detailsText(details: Readonly<Record<string, unknown>>): string {
  const text = storableJson(redactJson(details));
  if (text.length <= MAX_DETAILS) return text;
  return storableJson({ cut: true, length: text.length, start: text.slice(0, MAX_DETAILS / 2) });
}

function withoutNul(text: string): string {
  return text.replaceAll('\u0000', '\ufffd');
}
