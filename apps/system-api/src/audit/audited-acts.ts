import { Injectable } from '@nestjs/common';
import { type PoolClient } from 'pg';
import { ApiProblem } from '../shared/api-problem.js';
import { IdempotencyStore } from '../shared/idempotency-store.js';
import { AuditLog, type AuditRecord } from './audit-log.js';

interface Done<T> {
  /** Of an act on a route with `@Idempotent`: the id of what it has started. */
  readonly result: T;
  readonly details: Readonly<Record<string, unknown>>;
  /** Of what the act has made, which had no id before. */
  readonly entityId?: string;
}

type Act<T> = (client: PoolClient) => Promise<Done<T>>;

/** States and confirmations that did not permit an act: worth an entry. What is wrongly written is not. */
const TOLD = new Set([404, 409, 412, 422]);

/**
 * Does what is asked together with its audit entry; what is refused is written down, too. An act whose request carries
 * an `Idempotency-Key` is bound to it in the same transaction.
 */
@Injectable()
export class AuditedActs {
  constructor(
    private readonly audit: AuditLog,
    private readonly keys: IdempotencyStore,
  ) {}

  /** @param record who, what and on which; `work` adds what came of it */
  async do<T>(record: AuditRecord, work: Act<T>): Promise<T> {
    try {
      return await this.audit.act(async (client) => {
        const { result, details, ...made } = await work(client);
        await this.bind(client, record, result);
        return { result, entry: { ...record, ...made, details: { ...record.details, ...details } } };
      });
    } catch (error) {
      if (error instanceof ApiProblem && TOLD.has(error.getStatus())) await this.refused(record, error);
      throw error;
    }
  }

  private async bind(client: PoolClient, { action, origin }: AuditRecord, result: unknown): Promise<void> {
    if (origin.idempotencyKey === null) return;
    if (typeof result !== 'string') throw new Error(`${action} does not say the id of what it has started`);
    await this.keys.bind(client, origin.idempotencyKey, result);
  }

  private async refused(record: AuditRecord, { code, message }: ApiProblem): Promise<void> {
    await this.audit.record({
      ...record,
      result: 'refused',
      details: { ...record.details, code, refusal: message },
    });
  }
}
