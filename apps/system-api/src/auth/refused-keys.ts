import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { type RequestOrigin } from '../shared/request-origin.js';
import { prefixOf } from './api-key.js';

/** A program with a key that has ended may ask many times a second. */
const ONCE_IN_MS = 60_000;

/** Writes API keys that let nobody in to the audit trail: by prefix, and each at most once a minute per server. */
@Injectable()
export class RefusedKeys {
  /** When each was written down; the longest ago is the first. */
  private readonly writtenAtMs = new Map<string, number>();

  constructor(private readonly audit: AuditLog) {}

  /** @throws {ApiProblem} 503 `AUDIT_UNAVAILABLE` */
  async record(key: string, origin: RequestOrigin): Promise<void> {
    const prefix = prefixOf(key);
    this.forget();
    if (this.writtenAtMs.has(prefix)) return;
    this.writtenAtMs.set(prefix, performance.now());
    const details = { reason: 'wrong, expired or revoked, or the account of who made it is disabled' };
    const entry = { action: 'auth.api_key', entityType: 'api_key', entityId: prefix, result: 'refused' } as const;
    await this.audit.record({ ...entry, details, origin });
  }

  private forget(): void {
    const untilMs = performance.now() - ONCE_IN_MS;
    for (const [prefix, atMs] of this.writtenAtMs) {
      if (atMs > untilMs) return;
      this.writtenAtMs.delete(prefix);
    }
  }
}
