import { Injectable } from '@nestjs/common';
import { type PoolClient } from 'pg';
import { AuditLog, type AuditRecord } from '../audit/audit-log.js';
import { ApiProblem } from '../shared/api-problem.js';

type Act<T> = (client: PoolClient) => Promise<{ result: T; details: Readonly<Record<string, unknown>> }>;

/** States and confirmations that did not permit an act: worth an entry. What is wrongly written is not. */
const TOLD = new Set([404, 409, 412, 422]);

/** Does what is asked together with its audit entry; what is refused is written down, too. */
@Injectable()
export class AuditedActs {
  constructor(private readonly audit: AuditLog) {}

  /** @param record who, what and on which; `work` adds what came of it */
  async do<T>(record: AuditRecord, work: Act<T>): Promise<T> {
    try {
      return await this.audit.act(async (client) => {
        const { result, details } = await work(client);
        return { result, entry: { ...record, details: { ...record.details, ...details } } };
      });
    } catch (error) {
      if (error instanceof ApiProblem && TOLD.has(error.getStatus())) await this.refused(record, error);
      throw error;
    }
  }

  private async refused(record: AuditRecord, { code, message }: ApiProblem): Promise<void> {
    await this.audit.record({
      ...record,
      result: 'refused',
      details: { ...record.details, code, refusal: message },
    });
  }
}
